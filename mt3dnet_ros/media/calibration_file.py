"""Calibrations as ROS writes them: the numbers of a CameraInfo, from a message or a file, to a Camera."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import yaml

from mt3dnet_ros.geometry.camera import Camera, CameraError, read_distortion
from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibration as CameraCalibration
from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibrationError as CameraCalibrationError

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


def read_calibration_file(path: str | Path) -> CameraCalibration:
    """Return the calibration of a YAML file as camera_calibration writes it.

    :raises CameraCalibrationError: the file is missing, no such calibration, or cannot be used
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding='utf-8'))
        calibration = _parse(content)
        camera_from_calibration(calibration)
    except OSError as error:
        raise CameraCalibrationError(f"calibration '{path}' cannot be read: {error.strerror or error}") from error
    except CameraCalibrationError as error:
        raise CameraCalibrationError(f"calibration '{path}': {error}") from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise CameraCalibrationError(
            f"calibration '{path}' is not in the format of camera_calibration: {error!r}"
        ) from error
    return calibration


def read_camera(path: str | Path, rectified: bool = False) -> Camera:
    """Return the camera of a YAML file as camera_calibration writes it.

    :param rectified: of rectified images
    :raises CameraCalibrationError: the file is missing, no such calibration, or cannot be used
    """
    return camera_from_calibration(read_calibration_file(path), rectified)


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


def _parse(content: dict[str, Any]) -> CameraCalibration:
    return CameraCalibration(
        _pixels(content, 'image_width'),
        _pixels(content, 'image_height'),
        str(content['distortion_model']),
        d=_numbers(content, 'distortion_coefficients'),
        k=_numbers(content, 'camera_matrix', 9),
        r=_numbers(content, 'rectification_matrix', 9),
        p=_numbers(content, 'projection_matrix', 12),
    )


def _pixels(content: dict[str, Any], name: str) -> int:
    if not isinstance(value := content[name], int):
        raise TypeError(f'{name} {value!r} is not a whole number')
    return value


def _numbers(content: dict[str, Any], name: str, count: int | None = None) -> list[float]:
    numbers = [float(number) for number in content[name]['data']]
    if count is not None and len(numbers) != count:
        raise CameraCalibrationError(f'{name} has {len(numbers)} numbers instead of {count}')
    return numbers
