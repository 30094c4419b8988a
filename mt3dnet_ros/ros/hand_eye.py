"""The transform of a hand-eye calibration, from its file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.ros.messages.headers import clean_frame_id

FARTHEST = 2.0  # metres between camera and parent; more says that the file is in millimetres
TOLERANCE = 1e-3  # of lengths that should be 1


class HandEyeError(MT3DNetError, ValueError):
    """A hand-eye calibration that cannot be used."""


def read_hand_eye(path: str | Path, parent_frame: str = '', child_frame: str = '') -> TransformStamped:
    """Return the pose of the camera's optical frame in the frame that holds it; the stamp is left to the caller.

    The file holds ``parent_frame``, ``child_frame`` and ``transform``: a matrix (4, 4) that takes points of the child,
    in metres, to the parent, or ``translation`` {x, y, z} and ``rotation`` {x, y, z, w}.

    :param parent_frame: goes before that of the file (and ``child_frame``)
    :raises HandEyeError: the file is missing, incomplete or no rigid transform
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding='utf-8'))
        return _read(content, parent_frame, child_frame)
    except OSError as error:
        raise HandEyeError(f"hand-eye file '{path}' cannot be read: {error.strerror or error}") from error
    except HandEyeError as error:
        raise HandEyeError(f"hand-eye file '{path}': {error}") from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise HandEyeError(f"hand-eye file '{path}' is not in the format of docs/robot/dvrk.md: {error!r}") from error


def _read(content: Any, parent_frame: str, child_frame: str) -> TransformStamped:
    if not isinstance(content, dict):
        raise TypeError(f'names and values are expected, not {content!r}')
    message = TransformStamped()
    message.header.frame_id = _frame(content, 'parent_frame', parent_frame)
    message.child_frame_id = _frame(content, 'child_frame', child_frame)
    if message.header.frame_id == message.child_frame_id:
        raise HandEyeError(f"parent and child are the same frame, '{message.child_frame_id}'; name two")
    transform = content['transform']
    message.transform = _from_parts(transform) if isinstance(transform, dict) else _from_matrix(transform)
    return message


def _frame(content: dict[str, Any], key: str, given: str) -> str:
    frame = clean_frame_id(str(content.get(key) or ''), given)
    if not frame:
        raise HandEyeError(f'no {key}; write it into the file or set the parameter {key}')
    return frame


def _from_matrix(rows: Sequence[Sequence[float]]) -> Transform:
    matrix = np.array(rows, dtype=float)
    if matrix.shape != (4, 4) or not np.allclose(matrix[3], (0, 0, 0, 1)):
        raise HandEyeError(f'transform must be a matrix of 4 x 4 that ends in 0 0 0 1, not {rows!r}')
    rotation = matrix[:3, :3]
    if not (np.allclose(rotation @ rotation.T, np.eye(3), atol=TOLERANCE) and np.linalg.det(rotation) > 0):
        raise HandEyeError(
            'the matrix is no rotation (columns of length 1 at right angles, right-handed); check its scale and order'
        )
    try:
        quaternion = quaternion_of(rotation)
    except ImportError as error:
        raise HandEyeError(
            'a matrix needs tf_transformations or transforms3d, and neither is installed; install one '
            'or write translation and rotation {x, y, z, w}'
        ) from error
    return _transform(matrix[:3, 3].tolist(), quaternion)


def _from_parts(transform: dict[str, Any]) -> Transform:
    translation = [float(transform['translation'][axis]) for axis in 'xyz']
    return _transform(translation, [float(transform['rotation'][axis]) for axis in 'xyzw'])


def _transform(translation: Sequence[float], rotation: Sequence[float]) -> Transform:
    distance, length = np.linalg.norm(translation), np.linalg.norm(rotation)
    if not distance <= FARTHEST:
        raise HandEyeError(f'the camera is {distance:g} m from its parent, more than {FARTHEST:g} m; write metres')
    if not abs(length - 1.0) <= TOLERANCE:
        raise HandEyeError(f'the quaternion has length {length:g} instead of 1; check its order x, y, z, w')
    x, y, z = map(float, translation)
    i, j, k, w = (float(value / length) for value in rotation)
    return Transform(translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=i, y=j, z=k, w=w))


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
