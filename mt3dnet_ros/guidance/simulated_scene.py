"""A scene for a simulated camera: a hilly surface with a target on it, seen from wherever the camera is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid

DISTANCE = 0.22  # metres of the surface below the remote centre of motion
_WAVES = ((0.0035, 60.0, 25.0, 0.3), (0.0025, -35.0, 75.0, 1.7), (0.0005, 210.0, 160.0, 0.9))  # m, rad/m, rad/m, rad
_TISSUE, _TARGET = np.array([0.62, 0.2, 0.17]), np.array([0.1, 0.75, 0.35])  # linear colours
_RINGS = 0.002  # metres from ring to ring of the target
_TARGET_RADIUS = 0.007
_STEPS = 10  # of the search along a ray


def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return z of the surface in the arm's base frame, metres."""
    waves = (amplitude * np.sin(kx * x + ky * y + phase) for amplitude, kx, ky, phase in _WAVES)
    return sum(waves, np.full(np.shape(x), -DISTANCE))


def on_surface(x: float, y: float) -> np.ndarray:
    """Return the point (3,) of the surface at a place, metres, base frame."""
    return np.array([x, y, float(height(np.array(x), np.array(y)))])


def seen_from(pose: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Return a point (3,) of the base frame in a camera's frame.

    :param pose: (4, 4) motion from the camera's frame to the base
    """
    return pose[:3, :3].T @ (point - pose[:3, 3])


@dataclass(frozen=True)
class SimulatedScene:
    """The surface through one camera."""

    camera: Camera

    def view(self, pose: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the picture (H, W, 3) uint8 and the depth (H, W) float32 metres.

        :param pose: (4, 4) motion from the camera's optical frame to the base
        :param target: (3,) its place on the surface, metres, base frame
        """
        rays = self._rays(pose)
        depth = self._depth(pose[:3, 3], rays)
        points = pose[:3, 3] + depth[..., None] * rays
        return self._picture(points, rays, depth, target), depth.astype(np.float32)

    def depth(self, pose: np.ndarray) -> np.ndarray:
        """Return the depth (H, W) float32 metres.

        :param pose: (4, 4) motion from the camera's optical frame to the base
        """
        return self._depth(pose[:3, 3], self._rays(pose)).astype(np.float32)

    def _rays(self, pose: np.ndarray) -> np.ndarray:
        """Return the rays (H, W, 3) of the pixels in the base frame."""
        return ray_grid(self.camera).astype(float) @ pose[:3, :3].T

    def _depth(self, origin: np.ndarray, rays: np.ndarray) -> np.ndarray:
        """Search along the rays (H, W, 3), each time to the plane of the height below the last point."""
        depth = (-DISTANCE - origin[2]) / rays[..., 2]
        for _ in range(_STEPS):
            x, y = origin[0] + depth * rays[..., 0], origin[1] + depth * rays[..., 1]
            depth = (height(x, y) - origin[2]) / rays[..., 2]
        return depth

    def _picture(self, points: np.ndarray, rays: np.ndarray, depth: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Shade the surface as a lamp beside the camera lights it."""
        x, y = points[..., 0], points[..., 1]
        step = 1e-5
        slope_x, slope_y = (height(x + step, y) - height(x, y)) / step, (height(x, y + step) - height(x, y)) / step
        normals = np.stack([-slope_x, -slope_y, np.ones_like(x)], -1)
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
        sight = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
        facing = np.clip(-np.einsum('...i,...i->...', normals, sight), 0.0, 1.0)
        light = (0.11 / depth) ** 2 * facing
        glare = 0.5 * facing**60 * (0.11 / depth) ** 2
        linear = light[..., None] * self._colours(x, y, target) + glare[..., None]
        return (255.0 * np.clip(linear, 0.0, 1.0) ** (1.0 / 2.2)).astype(np.uint8)

    def _colours(self, x: np.ndarray, y: np.ndarray, target: np.ndarray) -> np.ndarray:
        vessels = np.abs(np.sin(90.0 * x + 3.0 * np.sin(55.0 * y)) + 0.5 * np.sin(140.0 * y + 40.0 * x))
        tissue = _TISSUE * (0.75 + 0.25 * np.clip(vessels / 0.25, 0.0, 1.0))[..., None]
        radius = np.hypot(x - target[0], y - target[1])
        rings = np.where(np.floor(radius / _RINGS) % 2 == 0, 1.0, 0.35)[..., None]
        return np.where(radius[..., None] < _TARGET_RADIUS, _TARGET * rings, tissue)
