"""A bumpy, coloured surface whose depth through a camera is known exactly."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.reconstruction.tissue_view import TissueView

CAMERA = Camera(160, 128, 150.0, 150.0, 79.5, 63.5)
_STEPS = 30


def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return how far the surface is from the plane z = 0, metres."""
    return 0.1 + 0.008 * np.sin(60 * x) * np.cos(45 * y) + 0.004 * np.sin(150 * x + 1) * np.sin(130 * y)


def shot(pose: np.ndarray, camera: Camera = CAMERA, lift: float = 0.0, detail: float = 0.0) -> TissueView:
    """Return the surface as a camera sees it.

    :param pose: (4, 4) from its optical frame to the frame of ``height``
    :param lift: metres that the surface has come nearer to the plane
    :param detail: of the range of colours, that fine detail changes them by
    """
    directions = ray_grid(camera).astype(np.float64) @ pose[:3, :3].T
    depth = np.full(directions.shape[:2], 0.1)
    for _ in range(_STEPS):
        x, y, z = np.moveaxis(pose[:3, 3] + directions * depth[..., None], -1, 0)
        depth += 0.9 * (height(x, y) - lift - z) / directions[..., 2]
    x, y, _ = np.moveaxis(pose[:3, 3] + directions * depth[..., None], -1, 0)
    return TissueView(depth.astype(np.float32), _colors(x, y, detail), camera)


def pose_on_the_way(step: float) -> np.ndarray:
    """Return a pose of a camera that travels around: 0 and 1 are the same one; the way is about 130 mm long."""
    angle, pose = 2 * np.pi * step, np.eye(4)
    pose[:3, 3] = 0.02 * np.sin(angle), 0.012 * np.sin(2 * angle), 0.005 * np.cos(angle)
    turn = 0.1 * np.sin(angle)
    pose[:3, :3] = [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    return pose


def _colors(x: np.ndarray, y: np.ndarray, detail: float) -> np.ndarray:
    red = 0.6 + 0.3 * np.sin(400 * x) * np.sin(300 * y)
    green, blue = 0.3 + 0.1 * np.sin(700 * x + 300 * y), 0.3 + 0.1 * np.cos(500 * y)
    fine = detail * np.sin(2900 * x + 700 * y + 2 * np.sin(310 * y)) * np.cos(2300 * y - 900 * x + np.sin(270 * x))
    return (255 * np.stack([red + fine, green + fine, blue], axis=-1).clip(0, 1)).astype(np.uint8)
