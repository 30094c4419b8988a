"""Shapes of tissue: a height field with recesses and folds, organs and lumps of fat."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.domains.tissue import Flesh, Ground
from mt3dnet_ros.renderer.meshes import TISSUE, Mesh, load_mesh
from mt3dnet_ros.renderer.noise import cell_count, fractal_noise, ridge_noise

with needs_extra('render'):
    from scipy.spatial.transform import Rotation

GRID = 100
ORGAN_MESHES = (
    'scikit_surgery/models/liver.ply',
    'laparoscopy/lapgym_grasp_lift_touch/liver_visual.stl',
    'laparoscopy/lapgym_grasp_lift_touch/gallbladder_visual.stl',
)


def grid_mesh(points: np.ndarray) -> Mesh:
    """Return the sheet through a grid of points (rows, columns, 3) in metres."""
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    triangles = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, c, b), (b, c, d))])
    normals = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-12
    return Mesh(points.reshape(-1, 3), triangles, normals.reshape(-1, 3), TISSUE)


def height_field(rng: np.random.Generator, distance: float, ground: Ground) -> Mesh:
    """Return a tilted, folded sheet that fills the view around a distance in metres."""
    half = 1.6 * distance
    x, y = np.meshgrid(np.linspace(-half, half, GRID), np.linspace(-half, half, GRID))
    relief = fractal_noise(rng, GRID, cell_count(2 * half, rng.uniform(*ground.relief_wavelength)), 4, 0.45)
    folds = ridge_noise(rng, GRID, cell_count(2 * half, rng.uniform(*ground.fold_spacing)), 2, 4.0)
    z = distance + rng.uniform(*ground.tilt_x) * x + rng.uniform(*ground.tilt_y) * y
    z += rng.uniform(*ground.fold_height) * folds - rng.uniform(*ground.relief) * relief
    return grid_mesh(np.stack([x, y, np.clip(z, 0.35 * distance, 2.5 * distance)], -1))


def with_cavity_and_ridges(rng: np.random.Generator, field: Mesh, distance: float, flesh: Flesh) -> Mesh:
    """Return a field with a deep recess and steep folds, each where its chance says so."""
    points = field.vertices.reshape(GRID, GRID, 3).copy()
    x, y = points[..., 0], points[..., 1]
    if rng.random() < flesh.cavity:
        centre, radii = rng.uniform(-0.45, 0.45, 2) * distance, rng.uniform(0.12, 0.45, 2) * distance
        away = np.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1]) + 0.2 * fractal_noise(rng, GRID, 5, 3)
        points[..., 2] += rng.uniform(*flesh.cavity_depth) / (1 + np.exp(8 * (away - 1)))
    if rng.random() < flesh.ridge:
        crests = ridge_noise(rng, GRID, int(rng.integers(2, 6)), 2, rng.uniform(2.0, 5.0))
        points[..., 2] -= rng.uniform(*flesh.ridge_height) * crests
    return grid_mesh(points)


def organ(rng: np.random.Generator, distance: float, ground: Ground) -> Mesh:
    """Return a bulging organ that rests near the height field."""
    n = 44
    theta, phi = np.meshgrid(np.linspace(0, 2 * np.pi, n), np.linspace(0, np.pi, n))
    sphere = np.stack([np.cos(theta) * np.sin(phi), np.sin(theta) * np.sin(phi), -np.cos(phi)], -1)
    bumps = fractal_noise(rng, n, 2, 3, 0.4)
    seam = np.minimum(theta, 2 * np.pi - theta) / np.pi  # no relief where the sphere closes
    radius = 1 + 0.12 * bumps * np.clip(4 * seam, 0, 1) * np.sin(phi)
    axes = rng.uniform(*ground.organ_radius, 3) * [1.0, 1.0, 0.6]
    centre = [*rng.uniform(-0.7, 0.7, 2) * distance, distance + rng.uniform(-0.2, 0.8) * axes[2]]
    return grid_mesh(sphere * radius[..., None] * axes + centre)


def field_depth_at(field: Mesh, places: np.ndarray) -> np.ndarray:
    """Return the depth (N,) in metres of a field that has not moved, at places (N, 2); bilinear, held at the rim."""
    points = field.vertices.reshape(GRID, GRID, 3)
    least, largest = points[0, 0, :2], points[-1, -1, :2]
    at = np.clip((places - least) / (largest - least), 0, 1 - 1e-9) * (GRID - 1)
    (x, y), (s, t) = at.astype(int).T, (at % 1).T
    z = points[..., 2]
    above, below = (z[row, x] * (1 - s) + z[row, x + 1] * s for row in (y, y + 1))
    depth: np.ndarray = above * (1 - t) + below * t
    return depth


def fat_lump(rng: np.random.Generator, centre: np.ndarray, radius: float) -> Mesh:
    """Return a lump of lobules about a centre, metres: a flattened ball whose seeds push domes outward."""
    theta, phi = np.meshgrid(np.linspace(0, 2 * np.pi, 48), np.linspace(0, np.pi, 32))
    sphere = np.stack([np.cos(theta) * np.sin(phi), np.sin(theta) * np.sin(phi), -np.cos(phi)], -1)
    seeds = rng.standard_normal((int(rng.integers(15, 60)), 3))
    seeds /= np.linalg.norm(seeds, axis=1, keepdims=True)
    nearest = np.arccos(np.clip(sphere @ seeds.T, -1, 1)).min(-1) * np.sqrt(len(seeds)) / 2
    swell = 1 + rng.uniform(0.1, 0.3) * (1 - np.clip(nearest, 0, 1.3) ** 2)
    axes = radius * rng.uniform(0.6, 1.3, 3) * [1.0, 1.0, 0.6]
    return grid_mesh(sphere * swell[..., None] * axes + centre)


def fat_lumps(rng: np.random.Generator, field: Mesh, distance: float, flesh: Flesh) -> tuple[Mesh, ...]:
    """Sample lumps of fat that lie in a heap on a field."""
    count = int(rng.integers(flesh.fat_count[0], flesh.fat_count[1] + 1))
    places = rng.uniform(-0.5, 0.5, 2) * distance + flesh.fat_radius[1] * rng.standard_normal((count, 2))
    depth = field_depth_at(field, places)
    centres = np.column_stack([places, depth])
    return tuple(fat_lump(rng, centre, rng.uniform(*flesh.fat_radius)) for centre in centres)


@cache
def organ_meshes(data: Path) -> tuple[Mesh, ...]:
    """Load the organs below a folder, each about 0 and with 1 as its largest half axis; none where there are none."""
    return tuple(_normalised(data / name) for name in ORGAN_MESHES if (data / name).is_file())


def _normalised(path: Path) -> Mesh:
    mesh = load_mesh(path, TISSUE)
    least, largest = mesh.vertices.min(0), mesh.vertices.max(0)
    return replace(mesh, vertices=(2 * mesh.vertices - least - largest) / (largest - least).max())


def mesh_organ(rng: np.random.Generator, shapes: tuple[Mesh, ...], field: Mesh, distance: float) -> Mesh:
    """Return one of the normalised shapes, turned at random and half sunk into a field."""
    shape, size = shapes[rng.integers(len(shapes))], rng.uniform(0.25, 0.6) * distance
    place = rng.uniform(-0.6, 0.6, (1, 2)) * distance
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_quat(rng.standard_normal(4)).as_matrix()
    pose[:3, 3] = [*place[0], field_depth_at(field, place)[0] + rng.uniform(0.0, 0.5) * size]
    scaled = replace(shape, vertices=size * shape.vertices)
    return scaled.moved(pose)
