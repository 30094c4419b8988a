"""Surfaces swept along a path: threads, vessels, needles, jaws."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.renderer.meshes import METAL, Mesh


def swept(path: np.ndarray, radii: np.ndarray | float, sides: int = 8, material: int = METAL) -> Mesh:
    """Return a closed tube with elliptical sections along a path.

    :param path: (N, 3) metres, N of 2 or more, no two neighbours alike
    :param radii: half axes across the path: one number for all, or (N,) round or (N, 2) elliptical sections, metres
    :param sides: corners of a section
    """
    path = np.asarray(path, float)
    sections = np.broadcast_to(np.reshape(radii, (-1, 1)) if np.ndim(radii) < 2 else radii, (len(path), 2))
    tangents, first, second = frames_along(path)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)[:, None]
    across = first[:, None] * np.cos(angle), second[:, None] * np.sin(angle)  # (N, sides, 3) each
    a, b = sections[:, 0, None, None], sections[:, 1, None, None]
    rings = path[:, None] + a * across[0] + b * across[1]
    normals = b * across[0] + a * across[1] + 1e-12 * first[:, None]  # of an ellipse: across its other axis
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    vertices = np.concatenate([rings.reshape(-1, 3), path[[0, -1]]])
    outward = np.concatenate([normals.reshape(-1, 3), -tangents[:1], tangents[-1:]])
    return Mesh(vertices, _tube_triangles(len(path), sides), outward, material)


def frames_along(path: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the unit tangents of a path (N, 3) and two unit vectors across it, which turn as little as possible.

    Each vector across is the one before, projected off the new tangent (parallel transport).
    """
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True) + 1e-15
    across = np.empty_like(path)
    guide = np.eye(3)[np.argmin(np.abs(tangents[0]))]
    for index, tangent in enumerate(tangents):
        guide = guide - (guide @ tangent) * tangent
        across[index] = guide = guide / np.linalg.norm(guide)
    return tangents, across, np.cross(tangents, across)


def _tube_triangles(rings: int, sides: int) -> np.ndarray:
    corner = np.arange(rings * sides).reshape(rings, sides)
    a, b = corner[:-1], corner[1:]
    c, d = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    start, end = np.full(sides, rings * sides), np.full(sides, rings * sides + 1)
    caps = [(start, c[0], a[0]), (end, b[-1], d[-1])]
    quads = [(a, c, b), (c, d, b)]
    return np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in [*quads, *caps]]).astype(np.int32)


def arc(radius: float, angle: float, points: int = 24) -> np.ndarray:
    """Return a circular arc (points, 3) in the plane x, y about the origin, from the x axis on, metres and radians."""
    turn = np.linspace(0, angle, points)
    return radius * np.stack([np.cos(turn), np.sin(turn), np.zeros(points)], -1)


def curve(knots: np.ndarray, points: int = 32) -> np.ndarray:
    """Return a smooth curve (points, 3) through knots (N, 3), uniform Catmull-Rom splines."""
    knots = np.asarray(knots, float)
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    place = np.linspace(0, len(knots) - 1, points)
    left = np.minimum(place.astype(int), len(knots) - 2)
    t = (place - left)[:, None]
    a, b, c, d = (padded[left + k] for k in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
