"""CameraInfo to Camera and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from mt3dnet_ros.geometry.camera import DISTORTION_SIZES, Camera, CameraError


class CameraInfoError(ValueError):
    """A calibration that cannot be used."""


def camera_from_info(info: CameraInfo, width: int, height: int, rectified: bool = False) -> Camera:
    """Return the camera of an image.

    Width and height of a CameraInfo are those of the full sensor; region of interest and binning lead from there to
    the image. An image of another size but the same aspect is taken for a resized one.

    :param width: of the image in pixels (and ``height``)
    :param rectified: the image is rectified: its camera is P, without distortion; else K and D
    :raises CameraInfoError: uncalibrated, dummy, contradictory or of another aspect
    """
    _check_calibrated(info, rectified)
    matrix = [info.p[0], info.p[5], info.p[2], info.p[6]] if rectified else [info.k[0], info.k[4], info.k[2], info.k[5]]
    model, distortion = ('none', ()) if rectified else _distortion(info)
    try:
        full = Camera(info.width, info.height, *map(float, matrix), model, distortion)
        return _fit(_crop_and_bin(full, info), width, height)
    except CameraError as error:
        raise CameraInfoError(f'CameraInfo cannot be used: {error}') from error


def _check_calibrated(info: CameraInfo, rectified: bool) -> None:
    if not info.k[0]:
        raise CameraInfoError('the camera is not calibrated (K is zero); calibrate it, e.g. with camera_calibration')
    width, height = float(info.width), float(info.height)
    if not info.p[0] and (info.k[0], info.k[4], info.k[2], info.k[5]) == (width, width, width / 2, height / 2):
        raise CameraInfoError(
            f'CameraInfo is a placeholder (fx = fy = width = {info.width}, centre at half the size, P zero, as '
            'dvrk_display publishes it): the camera is not calibrated; calibrate it, or remap camera_info'
        )
    if rectified and not info.p[0]:
        raise CameraInfoError('P of CameraInfo is zero, which a rectified image needs; calibrate, or unset rectified')
    if not rectified and abs(info.k[1]) > 1e-6 * abs(info.k[0]):
        raise CameraInfoError(f'K of CameraInfo has a skew of {info.k[1]:g}, which is not supported; rectify the image')


def _distortion(info: CameraInfo) -> tuple[str, tuple[float, ...]]:
    coefficients = tuple(map(float, info.d))
    model = info.distortion_model or ('plumb_bob' if any(coefficients) else 'none')
    if model in DISTORTION_SIZES and not any(coefficients):
        return 'none', ()
    return model, coefficients


def _crop_and_bin(camera: Camera, info: CameraInfo) -> Camera:
    roi = info.roi
    if roi.width and roi.height:
        camera = camera.cropped(roi.x_offset, roi.y_offset, roi.width, roi.height)
    return camera.binned(max(info.binning_x, 1), max(info.binning_y, 1))


def _fit(camera: Camera, width: int, height: int) -> Camera:
    if (camera.width, camera.height) == (width, height):
        return camera
    scale = width / camera.width
    if abs(camera.height * scale - height) > max(1.0, scale):
        raise CameraInfoError(f'CameraInfo describes {camera.width} x {camera.height} pixels, the image has '
                              f'{width} x {height}, another aspect; use the calibration of this image')
    return camera.resized(width, height)


def info_from_camera(camera: Camera, header: Header) -> CameraInfo:
    """Return the CameraInfo of an image that is not rectified further: P is K."""
    info = CameraInfo(header=header, width=camera.width, height=camera.height)
    info.distortion_model = 'plumb_bob' if camera.distortion_model == 'none' else camera.distortion_model
    info.d = list(camera.distortion) or [0.0] * 5
    info.k = [camera.fx, 0.0, camera.cx, 0.0, camera.fy, camera.cy, 0.0, 0.0, 1.0]
    info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    info.p = [camera.fx, 0.0, camera.cx, 0.0, 0.0, camera.fy, camera.cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info


def read_calibration(path: str | Path) -> CameraInfo:
    """Return the calibration of a file as camera_calibration writes it.

    :raises CameraInfoError: the file is missing, no such calibration, or cannot be used
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding='utf-8'))
        info = _info_from_content(content)
        camera_from_info(info, info.width, info.height)
    except OSError as error:
        raise CameraInfoError(f"calibration '{path}' cannot be read: {error.strerror or error}") from error
    except CameraInfoError as error:
        raise CameraInfoError(f"calibration '{path}': {error}") from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AssertionError) as error:
        raise CameraInfoError(f"calibration '{path}' is not in the format of camera_calibration: {error!r}") from error
    return info


def _info_from_content(content: dict[str, Any]) -> CameraInfo:
    info = CameraInfo(width=content['image_width'], height=content['image_height'])
    info.distortion_model = content['distortion_model']
    info.d = _numbers(content, 'distortion_coefficients')
    info.k = _numbers(content, 'camera_matrix', 9)
    info.r = _numbers(content, 'rectification_matrix', 9)
    info.p = _numbers(content, 'projection_matrix', 12)
    return info


def _numbers(content: dict[str, Any], name: str, count: int | None = None) -> list[float]:
    numbers = [float(number) for number in content[name]['data']]
    if count is not None and len(numbers) != count:
        raise CameraInfoError(f'{name} has {len(numbers)} numbers instead of {count}')
    return numbers
