"""Shapes with texture coordinates, in a frame of their own with z up: turned, extruded, swept, sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.renderer.meshes import TISSUE, Mesh
from mt3dnet_ros.renderer.swept import swept
from mt3dnet_ros.renderer.tissue.ground import grid_mesh

with needs_extra('render'):
    from scipy.spatial.transform import Rotation


Points = np.ndarray | Sequence[Sequence[float]]


@dataclass(frozen=True)
class Shape:
    """A mesh whose texture lies on it as a sheet of paper would.

    :param uv: (V, 2) metres, where each vertex lies on its texture
    """

    mesh: Mesh
    uv: np.ndarray

    def moved(self, pose: np.ndarray) -> Shape:
        """Return the shape after a rigid motion (4, 4)."""
        return replace(self, mesh=self.mesh.moved(pose))


def joined(shapes: Sequence[Shape]) -> Shape:
    """Return several shapes of one finish as one."""
    meshes = [shape.mesh for shape in shapes]
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    triangles = np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=True)])
    vertices, normals = (np.concatenate([getattr(mesh, key) for mesh in meshes]) for key in ('vertices', 'normals'))
    return Shape(Mesh(vertices, triangles, normals, TISSUE), np.concatenate([shape.uv for shape in shapes]))


def pose_of(at: Sequence[float], turn: float = 0.0, lean: Sequence[float] | np.ndarray = (0.0, 0.0)) -> np.ndarray:
    """Return the pose (4, 4) of a thing at a point: turned about z, then leaning about x and y, radians."""
    pose = np.eye(4)
    pose[:3, :3] = (Rotation.from_rotvec([*lean, 0.0]) * Rotation.from_euler('z', turn)).as_matrix()
    pose[:3, 3] = at
    return pose


def sheet(points: np.ndarray, uv: np.ndarray) -> Shape:
    """Return the sheet through a grid of points (rows, columns, 3) with texture coordinates (rows, columns, 2)."""
    return Shape(grid_mesh(points), uv.reshape(-1, 2))


def plate(width: float, depth: float, height: float = 0.0, n: int = 2) -> Shape:
    """Return a flat rectangle about the z axis at a height; its texture fills [0, 1] x [0, 1]."""
    u, v = np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 1, n))
    points = np.stack([(u - 0.5) * width, (0.5 - v) * depth, np.full_like(u, height)], -1)
    return sheet(points, np.stack([u, v], -1))


def box(width: float, depth: float, height: float) -> Shape:
    """Return a box that stands on z = 0."""
    corners = np.array([[x, y] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]) * [0.5 * width, 0.5 * depth]
    return prism(corners, height)


def prism(outline: np.ndarray, height: float, taper: float = 1.0) -> Shape:
    """Return what an outline (N, 2), star-shaped about 0, sweeps from z = 0 to a height, metres.

    :param taper: size of the upper outline relative to the lower
    """
    n = len(outline)
    lower = np.column_stack([outline, np.zeros(n)])
    upper = np.column_stack([taper * outline, np.full(n, height)])
    sides = [_side(lower[i], lower[(i + 1) % n], upper[(i + 1) % n], upper[i]) for i in range(n)]
    return joined([*sides, _cap(upper, 1.0), _cap(lower, -1.0)])


def _side(*corners: np.ndarray) -> Shape:
    a, b, _, d = corners
    normal = np.cross(b - a, d - a)
    normal = normal / (np.linalg.norm(normal) + 1e-15)
    along, up = np.linalg.norm(b - a), np.linalg.norm(d - a)
    uv = np.array([[0, 0], [along, 0], [along, up], [0, up]]) + 0.1 * (a[0] + a[1])
    return Shape(Mesh(np.array(corners), np.array([[0, 1, 2], [0, 2, 3]]), np.tile(normal, (4, 1)), TISSUE), uv)


def _cap(outline: np.ndarray, facing: float) -> Shape:
    n = len(outline)
    vertices = np.vstack([outline, [[0.0, 0.0, outline[0, 2]]]])
    triangles = np.array([[i, (i + 1) % n, n] for i in range(n)])
    return Shape(Mesh(vertices, triangles, np.tile([0.0, 0.0, facing], (n + 1, 1)), TISSUE), vertices[:, :2].copy())


def turned(*pieces: Points, sides: int = 28) -> Shape:
    """Return a body of revolution about z whose outline consists of smooth pieces, with an edge between two of them.

    :param pieces: (N, 2) radius and height of points along each piece, N of 2 or more, metres
    """
    return joined([_turned(np.asarray(piece, float), sides) for piece in pieces])


def _turned(piece: np.ndarray, sides: int) -> Shape:
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.stack([np.cos(angle), np.sin(angle)], -1)
    radius, height = piece.T
    slope = np.gradient(piece, axis=0)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True) + 1e-15
    points = np.dstack([radius[:, None, None] * ring, np.broadcast_to(height[:, None], (len(piece), sides + 1))])
    normals = np.dstack(
        [slope[:, 1, None, None] * ring, np.broadcast_to(-slope[:, :1], (len(piece), sides + 1))]
    ).reshape(-1, 3)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(piece, axis=0), axis=1))])
    flat = np.ptp(radius) > np.ptp(height)
    around = angle * max(radius.max(), 1e-6)
    wrapped = np.dstack([np.broadcast_to(around, points.shape[:2]), np.broadcast_to(along[:, None], points.shape[:2])])
    shape = sheet(points, points[..., :2] if flat else wrapped)
    return replace(shape, mesh=replace(shape.mesh, normals=normals))


def cylinder_of(radius: float, height: float, sides: int = 28) -> Shape:
    """Return a closed cylinder that stands on z = 0."""
    return turned([[radius, 0], [radius, height]], [[radius, height], [0, height]], sides=sides)


def arc_of(radius: float, height: float, turns: tuple[float, float], centre: float = 0.0, n: int = 9) -> np.ndarray:
    """Return points (n, 2) of an outline for ``turned``: an arc about a centre, angles in radians from outward up."""
    angle = np.linspace(*turns, n)
    return np.stack([centre + radius * np.cos(angle), height + radius * np.sin(angle)], -1)


def tube(path: np.ndarray, radii: np.ndarray | float, sides: int = 10) -> Shape:
    """Return a closed tube along a path (N, 3), see ``swept``; its texture runs along and around it."""
    mesh = swept(path, radii, sides, TISSUE)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    radius = float(np.mean(radii))
    around = 2 * np.pi * radius * np.abs(np.linspace(-1, 1, sides))
    uv = np.stack(np.meshgrid(around, along), -1).reshape(-1, 2)
    return Shape(mesh, np.vstack([uv, [[0, 0], [0, along[-1]]]]))


def lying(shape: Shape, radius: float) -> Shape:
    """Return a body of revolution laid on its side, along x."""
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler('y', np.pi / 2).as_matrix()
    pose[2, 3] = radius
    return shape.moved(pose)
