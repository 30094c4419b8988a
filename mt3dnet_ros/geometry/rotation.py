"""Rotations as matrices and as quaternions."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.errors import InputError


def rotation_of(x: float, y: float, z: float, w: float) -> np.ndarray:
    """Return the rotation matrix, (3, 3), of a quaternion of any length but zero.

    :raises InputError: its length is zero, or not finite
    """
    squared = x * x + y * y + z * z + w * w
    if not 0.0 < squared < np.inf:
        raise InputError(f'quaternion {x:g} {y:g} {z:g} {w:g} (x y z w) is no rotation')
    across = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + 2.0 / squared * (w * across + across @ across)


def quaternion_of(rotation: np.ndarray) -> tuple[float, float, float, float]:
    """Return x, y, z, w of a rotation matrix, (3, 3); w is not negative."""
    turn = cv2.Rodrigues(np.asarray(rotation, float))[0].ravel()  # about its own direction, by its length in radians
    half = 0.5 * float(np.linalg.norm(turn))
    x, y, z = (0.5 * np.sinc(half / np.pi) * turn).tolist()
    return x, y, z, float(np.cos(half))
