"""A suture needle, which a tool holds where one can, and its thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.domains.domain import Contents
from mt3dnet_ros.renderer.meshes import METAL, Mesh, load_mesh
from mt3dnet_ros.renderer.scene.contents import matte_finish, resting_pose, sample_point_on
from mt3dnet_ros.renderer.scene.props import Hold, Prop, RigidProp, Thread
from mt3dnet_ros.renderer.swept import arc, swept
from mt3dnet_ros.renderer.tools.kinematics import Instrument
from mt3dnet_ros.renderer.tools.looks import chrome_finish

with needs_extra('render'):
    from scipy.spatial.transform import Rotation

NEEDLE_MESH = 'needle/meshes/meshes/needle_40mm.obj'
MESH_RADIUS = 0.02  # of that needle's arc, metres
THREAD_COLOURS = np.array(
    [[0.35, 0.12, 0.5], [0.1, 0.15, 0.5], [0.04, 0.04, 0.05], [0.9, 0.88, 0.82], [0.1, 0.45, 0.25]]
)


class Needle(NamedTuple):
    """A needle in a frame of its own.

    :param tail: (3,) where its thread begins, metres
    :param grip: (3,) where tools take it, metres
    """

    mesh: Mesh
    tail: np.ndarray
    grip: np.ndarray


@cache
def _mesh(path: Path) -> Mesh:
    return load_mesh(path, METAL)


def shape_needle(rng: np.random.Generator, radius: float, data: Path | None) -> Needle:
    """Return a needle of an arc's radius in metres: a mesh below ``data``, or an arc that tapers to its point."""
    if data and (data / NEEDLE_MESH).is_file() and rng.random() < 0.5:
        unit = _mesh(data / NEEDLE_MESH)
        scaled = Mesh(unit.vertices * radius / MESH_RADIUS, unit.triangles, unit.normals)
        return Needle(scaled, np.array([0, -radius, 0]), radius * np.array([-0.7, -0.7, 0]))
    path = arc(radius, rng.uniform(0.7, 1.15) * np.pi)
    thickness = rng.uniform(0.0003, 0.0005) * np.interp(np.linspace(0, 1, len(path)), [0, 0.6, 1], [1, 1, 0.1])
    return Needle(swept(path, thickness, 7), path[0], path[len(path) // 3])


def sample_needle(
    rng: np.random.Generator,
    contents: Contents,
    field: Mesh,
    distance: float,
    instruments: Sequence[Instrument],
    data: Path | None,
) -> tuple[Prop, ...]:
    """Sample a needle and a thread by their chances; a tool that has jaws holds them where there is one."""
    holds = [hold for index, instrument in enumerate(instruments) if (hold := _hold(index, instrument))]
    hold = holds[rng.integers(len(holds))] if holds and rng.random() < 0.7 else None
    props: list[Prop] = []
    start = None
    if rng.random() < contents.needle:
        needle = shape_needle(rng, rng.uniform(*contents.needle_radius), data)
        pose = _held(rng, needle.grip) if hold else resting_pose(rng, sample_point_on(rng, field, distance), 0.5)
        start = pose[:3, :3] @ needle.tail + pose[:3, 3]
        props.append(RigidProp(needle.mesh.moved(pose), needle.mesh.vertices, chrome_finish(rng), hold=hold))
    if rng.random() < contents.thread:
        if start is None:
            start = np.zeros(3) if hold else sample_point_on(rng, field, distance)
        props.append(_thread(rng, contents, start, sample_point_on(rng, field, distance), hold))
    return tuple(props)


def _hold(index: int, instrument: Instrument) -> Hold | None:
    grips = 'jaw' in instrument.limits() and any(joint.child == 'tool_tip_link' for joint in instrument.joints)
    return Hold(index, 'tool_tip_link') if grips else None


def _held(rng: np.random.Generator, grip: np.ndarray) -> np.ndarray:
    """Return the pose (4, 4) of a needle whose grip lies between the tips of the jaws."""
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_quat(rng.standard_normal(4)).as_matrix()
    pose[:3, 3] = -pose[:3, :3] @ grip
    return pose


def _thread(
    rng: np.random.Generator, contents: Contents, start: np.ndarray, end: np.ndarray, hold: Hold | None
) -> Thread:
    slack = rng.uniform(0.001, 0.012)
    knots = slack * rng.standard_normal((int(rng.integers(2, 8)), 3)) * [1.0, 1.0, 0.4]
    knots[:, 2] -= 0.002  # mostly above the tissue
    colour = THREAD_COLOURS[rng.integers(len(THREAD_COLOURS))] * rng.uniform(0.7, 1.2)
    finish = matte_finish(colour, rng.uniform(0.0, 0.4), rng.uniform(10, 50))
    return Thread(start, end, knots, rng.uniform(*contents.thread_radius), finish, hold=hold)
