"""Where the right camera of a pair is, from the calibration of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibrationError
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


def read_stereo_transform(
    path: str | Path, right: str | Path | None = None, *, metres_per_unit: float | None = None
) -> StereoTransform:
    """Return the transform from the left to the right camera.

    The calibration is one file with R and T (OpenCV's stereo calibration, SCARED) or T_cn_cnm1 (Kalibr), or two files
    of camera_calibration or CameraInfo, whose R and P hold the pair.

    :param path: of the pair's file, or of the left camera's; behind ``#``, the right one of more than two cameras
    :param right: file of the right camera, where each has its own
    :param metres_per_unit: of the lengths in the file; with None half a unit or more is taken for millimetres, and the
        remark says so
    :raises CameraCalibrationError: a file is missing or cannot be understood, or holds no pair
    """
    if right is not None:
        left_r, _ = _rectification(path)
        right_r, offset = _rectification(right)
        rotation, translation = right_r.T @ left_r, right_r.T @ offset
    else:
        with calibration_errors(path):
            file, choice = split_choice(path)
            rotation, translation = _of_pair(NamedValues(read_document(file)), choice)
    with calibration_errors(path if right is None else right):
        return _transform(rotation, translation, metres_per_unit)


def stereo_transform(left_r: Sequence[float], right_r: Sequence[float], right_p: Sequence[float]) -> StereoTransform:
    """Return the transform from the left to the right camera that R and P hold, as ROS writes a pair.

    :param left_r: rectification matrix, nine numbers row by row (and ``right_r``)
    :param right_p: projection matrix of the right camera, twelve numbers
    :raises CameraCalibrationError: they were not calibrated as a pair
    """
    left, right = (np.array(r, float).reshape(3, 3) for r in (left_r, right_r))
    if not (right_p[0] and right_p[5] and left.any() and right.any()):
        raise CameraCalibrationError('P or R is zero: the camera is not calibrated as one of a pair')
    return _transform(right.T @ left, right.T @ _offset(right_p), None)


def _offset(p: Sequence[float]) -> np.ndarray:
    """Return where the left camera is in the rectified frame of the right one, in the units of the calibration."""
    return np.array([p[3] / p[0], p[7] / p[5], 0.0])


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


def _rectification(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Return R (3, 3) and where the camera's origin lies in the rectified frame of the left one, negated, metres."""
    with calibration_errors(path):
        file, choice = split_choice(path)
        calibration = read_camera_fields(choose(cameras_of(NamedValues(read_document(file))), choice))
        if not calibration.p[0] or not calibration.p[5]:
            raise CalibrationValueError('P is zero: the camera is not calibrated as one of a pair')
        return np.array(calibration.r).reshape(3, 3), _offset(calibration.p)


def _rotation(value: Value) -> np.ndarray:
    numbers = np.array(value.numbers(9, 3))
    return _checked(numbers.reshape(3, 3) if numbers.size == 9 else cv2.Rodrigues(numbers)[0], value)


def _checked(rotation: np.ndarray, value: Value) -> np.ndarray:
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=_TOLERANCE) or np.linalg.det(rotation) < 0:
        raise value.error('is no rotation (rows of length 1 at right angles, right-handed)')
    return rotation


def _transform(rotation: np.ndarray, translation: np.ndarray, metres_per_unit: float | None) -> StereoTransform:
    length = float(np.linalg.norm(translation))
    if not np.isfinite(length) or length == 0.0:
        raise CameraCalibrationError(
            f'the two cameras are at one place (baseline {length:g}); calibrate them as a pair'
        )
    unit = metres_per_unit or (1e-3 if length >= _LEAST_IN_MILLIMETRES else 1.0)
    remarks = [] if metres_per_unit or unit == 1.0 else [f'the baseline of {length:g} was taken for millimetres']
    if unit * length > LARGEST_BASELINE:
        doubt = f'a baseline of {1e3 * unit * length:.0f} mm is that of no endoscope; in which unit is the calibration?'
        remarks.append(doubt)
    return StereoTransform(rotation, unit * translation, '; '.join(remarks))
