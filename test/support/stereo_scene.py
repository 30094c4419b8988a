"""Two textured surfaces, a slanted one and a step before it, seen by two cameras that squint."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import ray_grid
from mt3dnet_ros.geometry.stereo import StereoCamera

WIDTH, HEIGHT = 320, 256
_TEXELS = 4000.0  # per metre
_STEP = 0.052  # metres; the step's depth


def squinting_cameras(
    distortion: tuple[float, ...] = (), rotation: tuple[float, float, float] = (0.004, 0.01, -0.006)
) -> StereoCamera:
    """Return cameras whose principal points differ by 25 columns, as endoscopes' do.

    :param rotation: Rodrigues vector, radians
    """
    model = 'plumb_bob' if distortion else 'none'
    left = Camera(WIDTH, HEIGHT, 400.0, 402.0, 147.0, 126.5, model, distortion)
    right = Camera(WIDTH, HEIGHT, 401.0, 403.0, 172.0, 128.0, model, distortion)
    matrix = cv2.Rodrigues(np.array(rotation))[0]
    return StereoCamera(left, right, tuple(matrix.ravel().tolist()), (-0.00435, 0.0000333, -0.0000369))


def render_pair(stereo: StereoCamera) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the left and the right image, (H, W, 3) uint8, and the left camera's depth, (H, W) metres."""
    rotation, translation = np.reshape(stereo.rotation, (3, 3)), np.array(stereo.translation)
    left, depth = _view(stereo.left, np.eye(3), np.zeros(3))
    right, _ = _view(stereo.right, rotation, translation)
    return left, right, depth


def _view(camera: Camera, rotation: np.ndarray, translation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what a camera sees, and depth along its axis; the surfaces are given in the left camera's frame."""
    origin, rays = -translation @ rotation, ray_grid(camera).astype(np.float64) @ rotation
    slanted = (0.06 - origin @ (-0.15, 0.1, 1.0)) / (rays @ (-0.15, 0.1, 1.0))
    step = (_STEP - origin[2]) / rays[..., 2]
    on_step = np.abs((origin + step[..., None] * rays)[..., 0] - 0.008) < 0.005
    depth = np.where(on_step, step, slanted)
    points = origin + depth[..., None] * rays
    return _texture(points[..., 0], points[..., 1], on_step), depth


def _texture(x: np.ndarray, y: np.ndarray, other: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(3).normal(size=(512, 512, 3))
    noise = sum(octave * cv2.GaussianBlur(noise, (0, 0), 0.8 * octave) for octave in (1, 4))
    noise = np.clip(128.0 + 45.0 * noise / noise.std(), 0.0, 255.0).astype(np.float32)
    columns, rows = ((256.0 + _TEXELS * values).astype(np.float32) for values in (x + 0.02 * other, y))
    return cv2.remap(noise, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP).astype(np.uint8)
