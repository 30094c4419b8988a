"""Depth maps to points."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid


def unproject(camera: Camera, depth: np.ndarray, stride: int = 1) -> np.ndarray:
    """Return the points of a depth map.

    :param depth: (H, W) metres along the optical axis, in the camera's geometry; NaN where unknown
    :param stride: take every ``stride``-th pixel of every ``stride``-th row
    :returns: (h, w, 3) float32 metres, optical frame, NaN where unknown
    :raises ValueError: when the depth map has not the camera's size
    """
    if depth.shape != (camera.height, camera.width):
        height, width = depth.shape
        raise InputError(f'depth map of {width}x{height} does not fit the camera of {camera.width}x{camera.height}')
    grid = ray_grid(camera, stride)
    points = np.empty_like(grid)
    sampled = np.ascontiguousarray(depth[::stride, ::stride], np.float32)
    for axis in range(3):  # three passes over scalars: numpy is slow along an axis of three
        np.multiply(grid[..., axis], sampled, out=points[..., axis])
    return points
