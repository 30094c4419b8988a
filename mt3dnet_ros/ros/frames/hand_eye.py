"""The transform of a hand-eye calibration, from its file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from geometry_msgs.msg import TransformStamped

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.ros.messages.headers import clean_frame_id
from mt3dnet_ros.ros.messages.transforms import fill_transform, quaternion_of
from mt3dnet_ros.yaml_text import YamlError, read_yaml

FARTHEST = 2.0  # metres between camera and parent; more says that the file is in millimetres
TOLERANCE = 1e-3  # of lengths that should be 1
_FORMAT = 'parent_frame, child_frame and transform are expected (docs/robot/dvrk.md, Frames)'


class HandEyeError(MT3DNetError, ValueError):
    """A hand-eye calibration that cannot be used."""


def read_hand_eye(path: str | Path, parent_frame: str = '', child_frame: str = '') -> TransformStamped:
    """Return the pose of the camera's optical frame in the frame that holds it; the stamp is left to the caller.

    The file holds ``parent_frame``, ``child_frame`` and ``transform``: a matrix (4, 4) that takes points of the child,
    in metres, to the parent, or ``translation`` {x, y, z} and ``rotation`` {x, y, z, w}.

    :param path: of the file; ``~`` is the home folder
    :param parent_frame: goes before that of the file (and ``child_frame``)
    :raises HandEyeError: the file is missing, incomplete or no rigid transform
    """
    if not str(path):
        raise HandEyeError('no hand-eye file is named; set the parameter file to its path')
    try:
        content = read_yaml(Path(path).expanduser())
        return _read(content, parent_frame, child_frame)
    except OSError as error:
        raise HandEyeError(f"hand-eye file '{path}' cannot be read: {error.strerror or error}") from error
    except HandEyeError as error:
        raise HandEyeError(f"hand-eye file '{path}': {error}") from error
    except YamlError as error:
        raise HandEyeError(f"hand-eye file '{path}' is not YAML: {' '.join(str(error).split())}; {_FORMAT}") from error


def _read(content: Any, parent_frame: str, child_frame: str) -> TransformStamped:
    if not isinstance(content, dict):
        found = 'the file is empty' if content is None else f'{str(content)[:60]!r} was found'
        raise HandEyeError(f'{found}; {_FORMAT}')
    parent, child = _frame(content, 'parent_frame', parent_frame), _frame(content, 'child_frame', child_frame)
    if parent == child:
        raise HandEyeError(f"parent and child are the same frame, '{child}'; name two")
    if 'transform' not in content:
        raise HandEyeError(f'transform is missing (there is {", ".join(map(str, content))}); {_FORMAT}')
    transform = content['transform']
    pose = _from_parts(transform) if isinstance(transform, dict) else _from_matrix(transform)
    return fill_transform(parent, child, *_checked(*pose))


def _frame(content: dict[str, Any], key: str, given: str) -> str:
    frame = clean_frame_id(str(content.get(key) or ''), given)
    if not frame:
        raise HandEyeError(f'no {key}; write it into the file or set the parameter {key}')
    return frame


def _from_matrix(rows: Any) -> tuple[Sequence[float], Sequence[float]]:
    matrix = _matrix(rows)
    rotation = matrix[:3, :3]
    if not (np.allclose(rotation @ rotation.T, np.eye(3), atol=TOLERANCE) and np.linalg.det(rotation) > 0):
        raise HandEyeError(
            'the matrix is no rotation (columns of length 1 at right angles, right-handed); check its scale and order'
        )
    try:
        return matrix[:3, 3].tolist(), quaternion_of(rotation)
    except ImportError as error:
        raise HandEyeError(f'{error}, or write translation and rotation {{x, y, z, w}}') from error


def _matrix(rows: Any) -> np.ndarray:
    try:
        matrix = np.array(rows, dtype=float)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.shape != (4, 4) or not np.allclose(matrix[3], (0, 0, 0, 1)):
        raise HandEyeError(f'transform must be a matrix of 4 x 4 that ends in 0 0 0 1, not {rows!r}')
    return matrix


def _from_parts(transform: dict[str, Any]) -> tuple[Sequence[float], Sequence[float]]:
    return _part(transform, 'translation', 'xyz'), _part(transform, 'rotation', 'xyzw')


def _part(transform: dict[str, Any], name: str, axes: str) -> list[float]:
    part = transform.get(name)
    try:
        return [float(part[axis]) for axis in axes]  # type: ignore[index]
    except (KeyError, TypeError, ValueError) as error:
        expected = ', '.join(f'{axis}: NUMBER' for axis in axes)
        raise HandEyeError(f'{name} of the transform must be {{{expected}}}, not {part!r}') from error


def _checked(translation: Sequence[float], rotation: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    distance, length = float(np.linalg.norm(translation)), float(np.linalg.norm(rotation))
    if not distance <= FARTHEST:
        raise HandEyeError(f'the camera is {distance:g} m from its parent, more than {FARTHEST:g} m; write metres')
    if not abs(length - 1.0) <= TOLERANCE:
        raise HandEyeError(f'the quaternion has length {length:g} instead of 1; check its order x, y, z, w')
    return translation, [value / length for value in rotation]
