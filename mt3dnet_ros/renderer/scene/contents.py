"""Which things lie in the field: clips, gauze, vessels and bands, a needle and its thread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.domains.domain import Contents
from mt3dnet_ros.renderer.meshes import TISSUE, Mesh
from mt3dnet_ros.renderer.noise import fractal_noise
from mt3dnet_ros.renderer.scene.props import Prop, RigidProp
from mt3dnet_ros.renderer.swept import curve, swept
from mt3dnet_ros.renderer.tissue.ground import field_depth_at, grid_mesh
from mt3dnet_ros.renderer.tools.finishes import TEXTURE, Finish
from mt3dnet_ros.renderer.tools.looks import chrome_finish

with needs_extra('render'):
    from scipy.spatial.transform import Rotation

WRAP = 0.25
# sRGB in [0, 1]
CLIP_COLOURS = np.array([[0.9, 0.9, 0.88], [0.55, 0.25, 0.6], [0.2, 0.65, 0.4], [0.2, 0.45, 0.75], [0.85, 0.7, 0.2]])
STRAND_COLOURS = np.array([[0.45, 0.12, 0.14], [0.36, 0.20, 0.30], [0.85, 0.75, 0.68], [0.86, 0.64, 0.34]])


def sample_props(rng: np.random.Generator, contents: Contents, field: Mesh, distance: float) -> tuple[Prop, ...]:
    """Sample what lies on a field whose middle is at a distance in metres; needles are sampled in ``needles.py``."""
    props: list[Prop] = []
    if rng.random() < contents.strands:
        count = rng.integers(contents.strand_count[0], contents.strand_count[1] + 1)
        props += [_strand(rng, field, distance) for _ in range(count)]
    if rng.random() < contents.gauze:
        props.append(_gauze(rng, rng.uniform(*contents.gauze_size), field, distance))
    if rng.random() < contents.clips:
        finish, thickness = _clip_kind(rng)
        count = rng.integers(contents.clip_count[0], contents.clip_count[1] + 1)
        props += [_clip(rng, finish, thickness, field, distance) for _ in range(count)]
    return tuple(props)


def sample_point_on(rng: np.random.Generator, field: Mesh, distance: float, spread: float = 0.3) -> np.ndarray:
    """Sample a point (3,) of a field in the view, metres."""
    place = rng.normal(0, spread * distance, (1, 2))
    return np.array([*place[0], field_depth_at(field, place)[0]])


def resting_pose(rng: np.random.Generator, at: np.ndarray, tilt: float) -> np.ndarray:
    """Return the pose (4, 4) of a flat thing at a point, turned at random and tilted by some radians."""
    pose = np.eye(4)
    lean = Rotation.from_rotvec(tilt * np.array([*rng.standard_normal(2), 0.0]))
    pose[:3, :3] = (lean * Rotation.from_euler('z', rng.uniform(0, 2 * np.pi))).as_matrix()
    pose[:3, 3] = at
    return pose


def matte_finish(srgb: np.ndarray, specular: float, gloss: float, marks: np.ndarray | None = None) -> Finish:
    """Return a finish without reflections of an sRGB colour in [0, 1]."""
    flat = np.ones((TEXTURE, TEXTURE), np.float32) if marks is None else marks.astype(np.float32)
    return Finish((np.clip(srgb, 0, 1) ** 2.2).astype(np.float32), specular, gloss, 0.0, flat)


def _clip_kind(rng: np.random.Generator) -> tuple[Finish, float]:
    if rng.random() < 0.5:
        return chrome_finish(rng), rng.uniform(0.0003, 0.0005)
    colour = CLIP_COLOURS[rng.integers(len(CLIP_COLOURS))] * rng.uniform(0.8, 1.1)
    return matte_finish(colour, rng.uniform(0.1, 0.5), rng.uniform(15, 60)), rng.uniform(0.0006, 0.001)


def _clip(rng: np.random.Generator, finish: Finish, thickness: float, field: Mesh, distance: float) -> RigidProp:
    length, gap = rng.uniform(0.004, 0.010), thickness * rng.uniform(1.2, 2.0)
    bow = np.array([[0, gap, 0], [0.9 * length, gap, 0], [length, 0, 0], [0.9 * length, -gap, 0], [0, -gap, 0]])
    pose = resting_pose(rng, sample_point_on(rng, field, distance, 0.2) - [0, 0, 0.6 * thickness], 0.4)
    mesh = swept(curve(bow, 20), thickness, 6)
    return RigidProp(mesh.moved(pose), mesh.vertices, finish)


def _gauze(rng: np.random.Generator, size: float, field: Mesh, distance: float) -> RigidProp:
    """Return a crumpled piece of gauze that lies on the field."""
    n = 44
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, n) * size * rng.uniform(0.5, 1.0), np.linspace(-0.5, 0.5, n) * size)
    flat = np.stack([x, y, np.zeros_like(x)], -1)
    pose = resting_pose(rng, sample_point_on(rng, field, distance), 0.0)
    points = flat @ pose[:3, :3].T + pose[:3, 3]
    points[..., 2] = field_depth_at(field, points[..., :2].reshape(-1, 2)).reshape(n, n)
    points[..., 2] -= 0.0015 + rng.uniform(0.02, 0.06) * size * np.abs(fractal_noise(rng, n, 3, 3))
    weave = np.kron(np.ones((TEXTURE // 6, TEXTURE // 6)), 0.75 + 0.25 * np.pad(np.ones((4, 4)), 1))
    marks = weave * np.clip(1 + 0.12 * fractal_noise(rng, TEXTURE, 5, 4), 0.3, 1.3)
    white = np.array([0.92, 0.9, 0.86]) * rng.uniform(0.75, 1.05)
    soaked = np.array([0.7, 0.25, 0.22]) if rng.random() < 0.3 else white
    sheet = replace(grid_mesh(points), material=TISSUE)
    colour = white + rng.uniform(0, 1) * (soaked - white)
    return RigidProp(sheet, flat.reshape(-1, 3), matte_finish(colour, 0.05, 8.0, marks), 0.02, WRAP)


def _strand(rng: np.random.Generator, field: Mesh, distance: float) -> RigidProp:
    """Return a vessel or a band along the field, or one that bridges it."""
    heading, length = rng.uniform(0, np.pi), rng.uniform(0.3, 1.4) * distance
    share = np.linspace(-0.5, 0.5, 7)
    way = length * np.outer(share, [np.cos(heading), np.sin(heading)]) + rng.normal(0, 0.3 * distance, 2)
    way += 0.035 * length * rng.standard_normal((7, 2))
    path = np.column_stack([way, field_depth_at(field, way)])
    radius = float(np.exp(rng.uniform(*np.log([0.0004, 0.003]))))
    path[:, 2] -= 0.5 * radius
    if rng.random() < 0.4:  # bridges
        path[:, 2] -= rng.uniform(0.03, 0.2) * distance * np.cos(np.pi * share)
    breadth = rng.uniform(1.5, 4.0) if rng.random() < 0.3 else 1.0  # bands are flat
    half = radius * np.array([breadth, 1.0]) * (1 + 0.2 * rng.standard_normal((32, 1)).cumsum(0) / 6)
    mesh = swept(curve(path, 32), np.clip(half, 0.4 * radius, None), 9, TISSUE)
    colour = STRAND_COLOURS[rng.integers(len(STRAND_COLOURS))] * (1 + 0.1 * rng.standard_normal(3))
    marks = np.clip(1 + 0.25 * fractal_noise(rng, TEXTURE, 12, 4), 0.3, 2)
    finish = matte_finish(colour, rng.uniform(0.1, 0.9), rng.uniform(20, 120), marks)
    return RigidProp(mesh, mesh.vertices, finish, 0.03, WRAP)
