"""Surfaces beside swept ones: turned about an axis, and tapered blocks with sharp edges."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.renderer.meshes import METAL, Mesh


def revolved(profile: np.ndarray, material: int = METAL, sides: int = 28, slant: np.ndarray | float = 0.0) -> Mesh:
    """Return an open surface that a profile sweeps when it is turned about the z axis.

    :param profile: (N, 2) radius and z of each point, metres, N of 2 or more, no two neighbours alike
    :param sides: corners of a section
    :param slant: how far each point's section leans: metres along z for each metre along x
    """
    radius, along = np.asarray(profile, float).T
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], -1)
    across = radius[:, None, None] * circle
    lean = np.broadcast_to(slant, len(along))[:, None] * across[..., 0]
    vertices = np.concatenate([across, (along[:, None] + lean)[..., None]], -1)
    steps = np.gradient(np.asarray(profile, float), axis=0)
    facing = np.stack([steps[:, 1], -steps[:, 0]], -1) / (np.linalg.norm(steps, axis=1, keepdims=True) + 1e-15)
    outward = facing[:, None, :1] * circle
    normals = np.concatenate([outward, np.broadcast_to(facing[:, None, 1:], (len(along), sides, 1))], -1)
    return Mesh(vertices.reshape(-1, 3), _strip_triangles(len(along), sides), normals.reshape(-1, 3), material)


def _strip_triangles(rings: int, sides: int) -> np.ndarray:
    corner = np.arange(rings * sides).reshape(rings, sides)
    a, b = corner[:-1], corner[1:]
    c, d = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    return np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, c, b), (c, d, b))]).astype(np.int32)


def block(path: np.ndarray, half: np.ndarray, material: int = METAL) -> Mesh:
    """Return a closed bar of rectangular sections along z, with sharp edges.

    :param path: (N, 3) middle of each section, metres
    :param half: (N, 2) half sides of each section along x and y, metres
    """
    path, half = np.asarray(path, float), np.broadcast_to(half, (len(path), 2))
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    corners = np.repeat(path[:, None], 4, axis=1)
    corners[..., :2] += signs * half[:, None]
    lengthwise = [corners[:-1, i] for i in range(4)], [corners[1:, i] for i in range(4)]
    faces = [
        np.stack([lengthwise[0][i], lengthwise[0][j], lengthwise[1][j], lengthwise[1][i]], 1)
        for i, j in ((0, 1), (1, 2), (2, 3), (3, 0))
    ]
    quads = np.concatenate([*faces, corners[:1, ::-1], corners[-1:]])  # (Q, 4, 3)
    normals = np.cross(quads[:, 1] - quads[:, 0], quads[:, 3] - quads[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-15
    first = 4 * np.arange(len(quads))[:, None]
    triangles = np.concatenate([first + [0, 1, 2], first + [0, 2, 3]]).astype(np.int32)
    return Mesh(quads.reshape(-1, 3), triangles, np.repeat(normals, 4, axis=0), material)
