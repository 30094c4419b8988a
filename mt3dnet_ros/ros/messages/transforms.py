"""Static transforms between frames, for tf2."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from std_msgs.msg import Header

from mt3dnet_ros.geometry import rotation


def fill_transform(
    parent: str, child: str, translation: Sequence[float] | np.ndarray, quaternion: Sequence[float]
) -> TransformStamped:
    """Return the pose of a frame in its parent; the stamp is left to the caller.

    :param translation: x, y, z of the child's origin in the parent, metres
    :param quaternion: x, y, z, w of the rotation that takes directions of the child to the parent
    """
    x, y, z = map(float, translation)
    i, j, k, w = map(float, quaternion)
    pose = Transform(translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=i, y=j, z=k, w=w))
    return TransformStamped(header=Header(frame_id=parent), child_frame_id=child, transform=pose)


def rotation_of(quaternion: Quaternion) -> np.ndarray:
    """Return the rotation matrix, (3, 3), of a quaternion of any length but zero.

    :raises InputError: its length is zero, or not finite
    """
    return rotation.rotation_of(quaternion.x, quaternion.y, quaternion.z, quaternion.w)


def quaternion_of(matrix: np.ndarray) -> tuple[float, float, float, float]:
    """Return x, y, z, w of a rotation matrix, (3, 3).

    :raises ImportError: neither tf_transformations nor transforms3d is installed
    """
    try:
        from tf_transformations import quaternion_from_matrix
    except ImportError:
        return _by_transforms3d(matrix)
    pose = np.eye(4)
    pose[:3, :3] = matrix
    x, y, z, w = map(float, quaternion_from_matrix(pose))
    return x, y, z, w


def _by_transforms3d(matrix: np.ndarray) -> tuple[float, float, float, float]:
    try:
        from transforms3d.quaternions import mat2quat
    except ImportError as error:
        raise ImportError('a rotation matrix needs tf_transformations or transforms3d: install one') from error
    w, x, y, z = map(float, mat2quat(matrix))
    return x, y, z, w
