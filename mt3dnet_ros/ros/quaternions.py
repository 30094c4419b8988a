"""Quaternions by the library that is there: tf_transformations of a ROS installation, else transforms3d below it."""

from __future__ import annotations

import numpy as np


def quaternion_of(rotation: np.ndarray) -> tuple[float, float, float, float]:
    """Return x, y, z, w of a rotation matrix, (3, 3).

    :raises ImportError: neither tf_transformations nor transforms3d is installed
    """
    try:
        from tf_transformations import quaternion_from_matrix
    except ImportError:
        from transforms3d.quaternions import mat2quat

        w, x, y, z = map(float, mat2quat(rotation))
        return x, y, z, w
    pose = np.eye(4)
    pose[:3, :3] = rotation
    x, y, z, w = map(float, quaternion_from_matrix(pose))
    return x, y, z, w
