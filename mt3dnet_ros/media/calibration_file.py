"""Calibrations: the numbers of a CameraInfo, from a message or a file, to a Camera."""

from __future__ import annotations

import math
from pathlib import Path

from mt3dnet_ros.geometry.camera import Camera, CameraError, read_distortion
from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibration as CameraCalibration
from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibrationError as CameraCalibrationError
from mt3dnet_ros.media.calibration.camera_fields import read_camera_fields
from mt3dnet_ros.media.calibration.cameras import cameras_of, choose, choose_pair
from mt3dnet_ros.media.calibration.document import read_document
from mt3dnet_ros.media.calibration.file import calibration_errors, split_choice
from mt3dnet_ros.media.calibration.values import NamedValues

GSCAM_EXAMPLE = (320.0, 240.0, 467.1411, 465.42608)  # width, height, fx, fy of gscam's uncalibrated_parameters.ini


def camera_from_calibration(calibration: CameraCalibration, rectified: bool = False) -> Camera:
    """Return the camera of the full sensor.

    :param rectified: of rectified images: its camera is P, without distortion; else K and D
    :raises CameraCalibrationError: uncalibrated, dummy or contradictory
    """
    _check_calibrated(calibration, rectified)
    k, p = calibration.k, calibration.p
    fx, fy, cx, cy = map(float, (p[0], p[5], p[2], p[6]) if rectified else (k[0], k[4], k[2], k[5]))
    try:
        model, distortion = ('none', ()) if rectified else read_distortion(calibration.distortion_model, calibration.d)
        return Camera(calibration.width, calibration.height, fx, fy, cx, cy, model, distortion)
    except CameraError as error:
        raise CameraCalibrationError(str(error)) from error


def fit_camera(camera: Camera, width: int, height: int) -> Camera:
    """Return the camera of an image; one of another size but the same aspect is taken for a resized one.

    :param width: of the image in pixels (and ``height``)
    :raises CameraCalibrationError: another aspect
    """
    if (camera.width, camera.height) == (width, height):
        return camera
    scale = width / camera.width
    if abs(camera.height * scale - height) > max(1.0, scale):
        raise CameraCalibrationError(
            f'the calibration describes {camera.width} x {camera.height} pixels, the image has '
            f'{width} x {height}, another aspect; use the calibration of this image'
        )
    return camera.resized(width, height)


def read_calibration_file(path: str | Path, size: tuple[int, int] | None = None) -> CameraCalibration:
    """Return the calibration of one camera; docs/robot/calibration_files.md lists the formats.

    :param path: of the file; where it has several cameras, with the name of one behind ``#``: ``camchain.yaml#cam1``
    :param size: width and height in pixels of the calibrated images, for files that do not have them
    :raises CameraCalibrationError: the file is missing, no calibration, or cannot be used
    """
    with calibration_errors(path):
        file, choice = split_choice(path)
        cameras = cameras_of(NamedValues(read_document(file)))
        calibration = read_camera_fields(choose(cameras, choice), size)
        camera_from_calibration(calibration)
    return calibration


def read_pair_of_cameras(
    path: str | Path, size: tuple[int, int] | None = None
) -> tuple[CameraCalibration, CameraCalibration]:
    """Return the calibrations of the left and the right camera of a file that has both.

    :param path: of the file; of more than two cameras, the name behind ``#`` is that of the right one
    :param size: width and height in pixels of the calibrated images, for files that do not have them
    :raises CameraCalibrationError: the file is missing, no calibration of a pair, or cannot be used
    """
    with calibration_errors(path):
        file, choice = split_choice(path)
        left, right = choose_pair(cameras_of(NamedValues(read_document(file))), choice)
        return read_camera_fields(left, size), read_camera_fields(right, size)


def read_camera(path: str | Path, rectified: bool = False) -> Camera:
    """Return the camera of a calibration file.

    :param path: as of ``read_calibration_file``
    :param rectified: of rectified images
    :raises CameraCalibrationError: the file is missing, no calibration, or cannot be used
    """
    calibration = read_calibration_file(path)
    with calibration_errors(path):
        return camera_from_calibration(calibration, rectified)


def _check_calibrated(calibration: CameraCalibration, rectified: bool) -> None:
    k, p = calibration.k, calibration.p
    if not k[0]:
        raise CameraCalibrationError(
            'the camera is not calibrated (K is zero); calibrate it, e.g. with camera_calibration'
        )
    if placeholder := _placeholder(calibration):
        raise CameraCalibrationError(
            f'the calibration is a placeholder ({placeholder}): the camera is not calibrated; '
            'calibrate it, or remap camera_info'
        )
    if rectified and not p[0]:
        raise CameraCalibrationError(
            'P of the calibration is zero, which a rectified image needs; calibrate, or unset rectified'
        )
    name, fx, skew = ('P', p[0], p[1]) if rectified else ('K', k[0], k[1])
    if not math.isfinite(skew) or abs(skew) > 1e-6 * abs(fx):
        raise CameraCalibrationError(
            f'{name} of the calibration has a skew of {skew:g}, which is not supported; rectify the image'
        )


def _placeholder(calibration: CameraCalibration) -> str:
    """Return what drivers fill in where a camera is not calibrated; empty where this is something else."""
    k, width, height = calibration.k, float(calibration.width), float(calibration.height)
    if not calibration.p[0] and (k[0], k[4], k[2], k[5]) == (width, width, width / 2, height / 2):
        return f'fx = fy = width = {calibration.width}, centre at half the size, P zero, as dvrk_display publishes it'
    if (width, height, k[0], k[4]) == GSCAM_EXAMPLE:
        return "gscam's example of 320 x 240 pixels, which dvrk_video loads where no file is given"
    return ''
