"""Rays of a camera's pixels, and the projection of points onto them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.distortion import distort, undistort


def rays(camera: Camera, pixels: np.ndarray) -> np.ndarray:
    """Return the rays of pixels.

    :param pixels: (..., 2) columns and rows
    :returns: (..., 3) float64 in the optical frame with z = 1; NaN where the lens images nothing
    """
    normalised = (np.asarray(pixels, np.float64) - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    ideal = undistort(camera, normalised)
    depth = np.where(np.isnan(ideal[..., :1]), np.nan, 1.0)
    return np.concatenate([ideal, depth], axis=-1)


@lru_cache(maxsize=8)
def ray_grid(camera: Camera, stride: int = 1) -> np.ndarray:
    """Return the rays of every ``stride``-th pixel of every ``stride``-th row, beginning with the first.

    The result is cached and must not be written to.

    :returns: (h, w, 3) float32, optical frame, z = 1; NaN where the lens images nothing
    :raises ValueError: when the stride is below 1
    """
    grid = _grid(camera, stride)
    grid.setflags(write=False)
    return grid


@lru_cache(maxsize=4)
def ray_planes(camera: Camera, stride: int = 1) -> tuple[np.ndarray, ...]:
    """Return the coordinates of ``ray_grid``, (h, w) float32 each; cached, too.

    :returns: x and y, and z only where the lens images nothing somewhere: else it is 1
    :raises ValueError: when the stride is below 1
    """
    planes = np.ascontiguousarray(np.moveaxis(_grid(camera, stride), -1, 0))
    planes.setflags(write=False)
    return tuple(planes if np.isnan(planes[2]).any() else planes[:2].copy())


def _grid(camera: Camera, stride: int) -> np.ndarray:
    if stride < 1:
        raise InputError(f'stride {stride} must be at least 1')
    columns, rows = np.meshgrid(np.arange(0, camera.width, stride), np.arange(0, camera.height, stride))
    return rays(camera, np.stack([columns, rows], axis=-1)).astype(np.float32)


def project(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Return the pixels at which a camera sees points: the inverse of ``rays``.

    :param points: (..., 3) metres, optical frame
    :returns: (..., 2) float64 columns and rows, also outside of the image; NaN for points behind the camera or beyond
        the radius up to which the lens model is one-to-one
    """
    points = np.asarray(points, np.float64)
    depth = np.where(points[..., 2:] > 0.0, points[..., 2:], np.nan)
    return distort(camera, points[..., :2] / depth) * (camera.fx, camera.fy) + (camera.cx, camera.cy)
