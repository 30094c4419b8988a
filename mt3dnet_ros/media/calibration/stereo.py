"""Where the right camera of a pair is, from the calibration of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibration, CameraCalibrationError
from mt3dnet_ros.media.calibration.camera_fields import read_camera_fields
from mt3dnet_ros.media.calibration.cameras import cameras_of, choose
from mt3dnet_ros.media.calibration.document import read_document
from mt3dnet_ros.media.calibration.file import calibration_errors, split_choice
from mt3dnet_ros.media.calibration.values import CalibrationValueError, NamedValues, Value

LARGEST_BASELINE = 0.1  # metres; the two cameras of an endoscope are 3 to 6 mm apart
_LEAST_IN_MILLIMETRES = 0.5  # a baseline of that or more is in millimetres: no rig of half a metre looks into a body
_TOLERANCE = 1e-3  # calibrations are printed with four digits
_ROTATION = ('R', 'rotation', 'rotation_matrix', 'rot', 'om')
_TRANSLATION = ('T', 'translation', 'translation_vector', 'trans')


@dataclass(frozen=True)
class StereoTransform:
    """A point X in the left camera's optical frame is ``rotation X + translation`` in the right one's.

    :param rotation: (3, 3) float64
    :param translation: (3,) float64 metres; the first is negative where the right camera is on the right
    :param remark: what a person should know of the units; empty where there is nothing to doubt
    """

    rotation: np.ndarray
    translation: np.ndarray
    remark: str = ''

    @property
    def baseline(self) -> float:
        """Distance of the two cameras in metres."""
        return float(np.linalg.norm(self.translation))

    def rectified(self) -> StereoTransform:
        """Return the transform of the rectified images, whose optical frames differ by the baseline along x alone."""
        along_x = np.array([np.copysign(self.baseline, self.translation[0]), 0.0, 0.0])
        return StereoTransform(np.eye(3), along_x, self.remark)


def read_stereo_transform(path: str | Path, right: str | Path | None = None) -> StereoTransform:
    """Return the transform from the left to the right camera.

    The calibration is one file with R and T (OpenCV's stereo calibration, SCARED) or T_cn_cnm1 (Kalibr), or two files
    of camera_calibration or CameraInfo, whose R and P hold the pair. A length of half a metre or more is taken for
    millimetres, and the remark says so.

    :param path: of the pair's file, or of the left camera's
    :param right: file of the right camera, where each has its own
    :raises CameraCalibrationError: a file is missing or cannot be understood, or holds no pair
    """
    if right is not None:
        camera, other = _one_camera(path), _one_camera(right)
        return stereo_transform(camera.r, other.r, other.p, str(right))
    with calibration_errors(path):
        file, choice = split_choice(path)
        document = NamedValues(read_document(file))
        rotation, translation = _of_pair(document, choice)
    return _transform(rotation, translation, str(path))


def stereo_transform(
    left_r: Sequence[float], right_r: Sequence[float], right_p: Sequence[float], source: str
) -> StereoTransform:
    """Return the transform from the left to the right camera that R and P hold, as ROS writes a pair.

    :param left_r: rectification matrix, nine numbers row by row (and ``right_r``)
    :param right_p: projection matrix of the right camera, twelve numbers
    :param source: of the right camera's calibration, for messages
    :raises CameraCalibrationError: they were not calibrated as a pair
    """
    left, right = (np.array(r, float).reshape(3, 3) for r in (left_r, right_r))
    p = np.array(right_p, float).reshape(3, 4)
    if not (p[0, 0] and p[1, 1] and left.any() and right.any()):
        raise CameraCalibrationError(f"calibration '{source}': P or R is zero; calibrate both cameras as a pair")
    offset = np.array([p[0, 3] / p[0, 0], p[1, 3] / p[1, 1], 0.0])  # of the left camera in the rectified right frame
    return _transform(right.T @ left, right.T @ offset, source)


def _of_pair(document: NamedValues, choice: str) -> tuple[np.ndarray, np.ndarray]:
    for section in (document, *(inner for _, inner in document.sections())):
        rotation, translation = section.find(*_ROTATION), section.find(*_TRANSLATION)
        if rotation and translation:
            return _rotation(rotation), np.array(translation.numbers(3))
    for name, section in document.sections():
        if (matrix := section.find('T_cn_cnm1')) and choice in ('', name):
            values = np.array(matrix.numbers(16)).reshape(4, 4)
            return _checked(values[:3, :3], matrix), values[:3, 3]
    raise CalibrationValueError(
        'no pair of cameras: R and T (OpenCV), or T_cn_cnm1 (Kalibr) are expected; '
        'where each camera has a file of its own, name both'
    )


def _one_camera(path: str | Path) -> CameraCalibration:
    with calibration_errors(path):
        file, choice = split_choice(path)
        return read_camera_fields(choose(cameras_of(NamedValues(read_document(file))), choice))


def _rotation(value: Value) -> np.ndarray:
    numbers = np.array(value.numbers(9, 3))
    return _checked(numbers.reshape(3, 3) if numbers.size == 9 else cv2.Rodrigues(numbers)[0], value)


def _checked(rotation: np.ndarray, value: Value) -> np.ndarray:
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=_TOLERANCE) or np.linalg.det(rotation) < 0:
        raise value.error('is no rotation (rows of length 1 at right angles, right-handed)')
    return rotation


def _transform(rotation: np.ndarray, translation: np.ndarray, path: str) -> StereoTransform:
    length = float(np.linalg.norm(translation))
    if not np.isfinite(length) or length == 0.0:
        raise CameraCalibrationError(
            f"calibration '{path}': the two cameras are at one place (baseline {length:g}); calibrate them as a pair"
        )
    if length < _LEAST_IN_MILLIMETRES:
        return StereoTransform(rotation, translation, _remark(length))
    note = f'the baseline of {length:g} was taken for millimetres'
    doubt = _remark(1e-3 * length)
    return StereoTransform(rotation, 1e-3 * translation, f'{note}; {doubt}' if doubt else note)


def _remark(metres: float) -> str:
    if metres > LARGEST_BASELINE:
        return f'a baseline of {1e3 * metres:.0f} mm is that of no endoscope; is the calibration in metres?'
    return ''
