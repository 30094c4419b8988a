"""A workplace before the camera: a table, what stands on it, the room behind it; and tools held over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.renderer.bench.hands import reaching
from mt3dnet_ros.renderer.bench.room import sample_room
from mt3dnet_ros.renderer.bench.shapes import pose_of
from mt3dnet_ros.renderer.bench.solids import Thing, height_of, moved, reach_of
from mt3dnet_ros.renderer.bench.table import Table, sample_table, surface
from mt3dnet_ros.renderer.bench.things import sample_thing
from mt3dnet_ros.renderer.domains.bench import Bench
from mt3dnet_ros.renderer.scene.props import RigidProp
from mt3dnet_ros.renderer.streams import stream
from mt3dnet_ros.renderer.tissue.tissue import Tissue
from mt3dnet_ros.renderer.tools.placed_tool import PlacedTool

CLEARANCE = 0.75  # share of the camera's height that a thing below it may have
TRIES = 4  # for a thing that is too high for its place
OUTSIDE = 0.1  # of the image's width and height, by which things may stand beyond its border
TYPICAL = 0.12  # metres to tissue for which a domain's ports are meant
LOWEST = 0.02  # metres before the lens of a tip, and above the table of a port


def sample_workplace(
    rng: np.random.Generator, camera: Camera, distance: float, bench: Bench
) -> tuple[Table, Tissue, tuple[RigidProp, ...]]:
    """Sample a table at a distance in metres along the optical axis; return its place, its surface and all things."""
    table = sample_table(stream(rng, 'table'), distance, bench)
    cloth = surface(stream(rng, 'surface'), table, bench, 0.4 * camera.fx / table.pose[2, 3])
    solids = [] if table.fills(_border(camera)) else list(sample_room(stream(rng, 'room'), table, bench))
    count = 0 if table.floor else int(stream(rng, 'count').integers(bench.things[0], bench.things[1] + 1))
    for number in range(count):
        solids += _placed_thing(stream(rng, f'thing {number}'), camera, table, bench)
    return table, cloth, tuple(solid.prop() for solid in solids)


def _placed_thing(rng: np.random.Generator, camera: Camera, table: Table, bench: Bench) -> Thing:
    """Sample a thing and its place on a table, in the camera frame; nothing where none fits below the camera."""
    for _ in range(TRIES):
        kind, thing = sample_thing(rng, bench.kinds)
        at = _place(rng, camera, table)
        if at is None:
            continue
        pose = pose_of([*at, 0.0], rng.uniform(0, 2 * np.pi))
        if kind == 'hands':
            pose = pose_of([*at, 0.0]) @ reaching(rng, rng.uniform(0.0, 0.3) * table.eye[2])
        if pose[2, 3] + height_of(thing) < CLEARANCE * table.eye[2] or _beside(thing, at, table):
            return moved(thing, table.pose @ pose)
    return ()


def _border(camera: Camera) -> np.ndarray:
    """Return directions (16, 3) along the border of the view."""
    share = np.linspace(0, 1, 5)
    u, v = np.meshgrid(share, share)
    outer = np.maximum(np.abs(u - 0.5), np.abs(v - 0.5)) > 0.4
    x, y = u[outer] * camera.width, v[outer] * camera.height
    return np.stack([(x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy, np.ones_like(x)], -1)


def _place(rng: np.random.Generator, camera: Camera, table: Table) -> np.ndarray | None:
    """Return a place (2,) on the table that is in view or just outside, in its frame; None beyond its border."""
    u, v = rng.uniform(-OUTSIDE, 1 + OUTSIDE, 2) * [camera.width, camera.height]
    direction = np.array([(u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy, 1.0])
    far = table.meets(direction)
    if far is None:
        return None
    at = table.pose[:3, :3].T @ (far * direction - table.pose[:3, 3])
    return at[:2] if np.abs(at[:2]).max() < 0.8 * table.half else None


def _beside(thing: Thing, at: np.ndarray, table: Table) -> bool:
    """Return whether a thing stands beside the camera, not below it, and lower than three of its heights."""
    gap = float(np.linalg.norm(at - table.eye[:2])) - reach_of(thing)
    return gap > 0.5 * table.eye[2] and height_of(thing) < gap


def above_table(tools: Sequence[PlacedTool], table: Table, distance: float) -> tuple[PlacedTool, ...]:
    """Return tools that were sampled over tissue at a distance in metres, held over a table instead."""
    return tuple(_above(tool, table, distance) for tool in tools)


def _above(tool: PlacedTool, table: Table, distance: float) -> PlacedTool:
    """Return a tool with its tip as far along its ray as it was before the tissue, and its port beside the view."""
    direction = tool.tip / tool.tip[2]
    depth = min(table.meets(direction) or 2 * distance, 2 * distance)
    tip = direction * max(tool.tip[2] / distance * depth, LOWEST)
    port = tool.port * max(1.0, distance / TYPICAL)
    up, height = table.pose[:3, 2], float(table.pose[:3, 2] @ (port - table.pose[:3, 3]))
    return replace(tool, tip=tip, port=port + max(0.0, LOWEST - height) * up)
