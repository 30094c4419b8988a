"""The room behind a table: walls with shelves and posters, furniture, screens, clutter."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.bench.colours import any_colour, dark, pale
from mt3dnet_ros.renderer.bench.prints import ROOM, printed
from mt3dnet_ros.renderer.bench.shapes import box, cylinder_of, joined, plate, pose_of
from mt3dnet_ros.renderer.bench.solids import Solid, Thing, any_finish, finish_of, moved, plastic
from mt3dnet_ros.renderer.bench.table import Table
from mt3dnet_ros.renderer.domains.bench import Bench

with needs_extra('render'):
    from scipy.spatial.transform import Rotation


def sample_room(rng: np.random.Generator, table: Table, bench: Bench) -> Thing:
    """Sample what stands behind a table, in the camera frame, upright as the table is."""
    upright = np.eye(4)
    away, up = table.pose[:3, 1], table.pose[:3, 2]
    upright[:3, :3] = np.stack([np.cross(away, up), away, up], -1)
    far = rng.uniform(*bench.wall)
    solids: list[Solid] = list(_wall(rng, far))
    for _ in range(rng.integers(bench.clutter[0], bench.clutter[1] + 1)):
        near = 0.6 if table.floor else max(0.45, table.half * 0.8) + 0.1
        if near < far - 0.1:
            at = [rng.normal(0, 0.6 * far), rng.uniform(near, far), rng.uniform(-0.8, 0.3)]
            solids += moved(_furniture(rng), pose_of(at, rng.uniform(-0.6, 0.6)))
    return moved(tuple(solids), upright)


def _wall(rng: np.random.Generator, far: float) -> Thing:
    """Return a wall at a distance, some of which is hung with pictures, shelves and screens, and a floor."""
    width = 6 * far
    stands = np.eye(4)
    stands[:3, :3] = Rotation.from_euler('x', np.pi / 2).as_matrix()
    stands[1, 3] = far
    colour = pale(rng) if rng.random() < 0.4 else dark(rng) if rng.random() < 0.3 else any_colour(rng)
    wall = Solid(plate(width, width), plastic(rng, colour), 1.0).moved(stands)
    floor = Solid(plate(width, width), any_finish(rng)).moved(pose_of([0, 0, -rng.uniform(0.5, 1.2)]))
    pictures = []
    for number in range(rng.integers(0, 7)):
        w, h = far * rng.uniform(0.15, 1.4, 2)
        hung = pose_of([rng.normal(0, 0.6 * far), 0, 0]) @ stands
        hung[1, 3] -= 0.01 * (number + 1)
        hung[2, 3] = rng.normal(0, 0.35 * far)
        pictures.append(Solid(plate(w, h), finish_of(rng, printed(rng, ROOM), (0.0, 0.4))).moved(hung))
    return wall, floor, *pictures


def _furniture(rng: np.random.Generator) -> Thing:
    """Return something that stands in a room: a screen, a chair of boxes, a case, a post, a lamp."""
    kind, (width, depth, height) = rng.integers(4), rng.uniform(0.06, 0.5, 3)
    if kind == 0:
        face = plate(width, 0.7 * width).moved(pose_of([0, -0.03, 0.5 * height], lean=(0.5 * np.pi, 0.0)))
        case = box(1.05 * width, 0.05, 0.75 * width).moved(pose_of([0, 0, 0.5 * height - 0.375 * width]))
        return Solid(case, plastic(rng, dark(rng)), 0.2), Solid(face, finish_of(rng, printed(rng, ROOM)))
    if kind == 1:
        legs = [
            cylinder_of(0.012, height, 8).moved(pose_of([x * 0.45 * width, y * 0.45 * depth, 0]))
            for x in (-1, 1)
            for y in (-1, 1)
        ]
        seat = box(width, depth, 0.04).moved(pose_of([0, 0, height]))
        back = box(width, 0.03, 0.4).moved(pose_of([0, 0.5 * depth, height]))
        return Solid(joined(legs), any_finish(rng), 0.2), Solid(joined([seat, back]), any_finish(rng), 0.2)
    if kind == 2:
        return (Solid(box(width, depth, height), any_finish(rng), rng.uniform(0.1, 0.5)),)
    return (Solid(cylinder_of(0.4 * width * rng.random() + 0.01, 2 * height), any_finish(rng), 0.3),)
