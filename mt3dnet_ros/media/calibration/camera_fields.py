"""From the values of one camera to its calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mt3dnet_ros.geometry.camera import distortion_name
from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibration
from mt3dnet_ros.media.calibration.values import CalibrationValueError, NamedValues, Value

_IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_MATRIX = ('camera_matrix', 'intrinsic_matrix', 'camera_intrinsics', 'intrinsics', 'K', 'M', 'mtx')
_COEFFICIENTS = (
    *('distortion_coefficients', 'distortion_coeffs', 'dist_coeffs', 'dist_coefs', 'dist_coeff', 'distortion'),
    *('D', 'dist'),
)
_BY_COUNT = {0: 'none', 4: 'plumb_bob', 5: 'plumb_bob'} | dict.fromkeys((8, 12, 14), 'rational_polynomial')
_SIZES = ('image_size', 'resolution', 'img_size', 'imsize', 'size')


def read_camera_fields(camera: NamedValues, size: tuple[int, int] | None = None) -> CameraCalibration:
    """Return the calibration of a camera.

    A file without the rectification has none: R is the identity and P is K.

    :param size: width and height in pixels where the file has none; with None they must be there
    :raises CalibrationValueError: a value is missing or not what it must be
    """
    _refuse_omnidirectional(camera)
    k, d = _intrinsics(camera), _distortion(camera)
    width, height = stated_size(camera) or size or _no_size(camera)
    r = camera.find('rectification_matrix', 'rectification', 'R')
    p = camera.find('projection_matrix', 'projection', 'P')
    projection = p.numbers(12) if p else [*k[0:3], 0.0, *k[3:6], 0.0, *k[6:9], 0.0]
    rectification = r.numbers(9) if r and p else list(_IDENTITY)
    calibration = CameraCalibration(width, height, _model(camera, d), d, k, rectification, projection)
    return _of_window(calibration, camera)


def stated_size(camera: NamedValues) -> tuple[int, int] | None:
    """Return width and height of the images in pixels; None where the file has none."""
    width = camera.find('image_width', 'width', 'Camera.width')
    height = camera.find('image_height', 'height', 'Camera.height')
    if width and height:
        return width.whole_number(), height.whole_number()
    if missing := (width or height):
        raise missing.error('stands alone; write both image_width and image_height')
    if size := camera.find(*_SIZES):
        first, second = size.numbers(2)
        if min(first, second) < 1 or not (first.is_integer() and second.is_integer()):
            raise size.error(f'must be two whole numbers of pixels, not {first:g} and {second:g}')
        return int(first), int(second)
    return None


def _no_size(camera: NamedValues) -> tuple[int, int]:
    raise CalibrationValueError(
        'the size of the calibrated images is missing; add lines such as image_width: 1920 and image_height: 1080',
        camera.value.line,
    )


def _intrinsics(camera: NamedValues) -> list[float]:
    """Return K, row by row, of a matrix, of fx, fy, cx, cy in a list (Kalibr's), or of four values (ORB-SLAM's)."""
    matrix = camera.find(*_MATRIX)
    if matrix is None:
        fx, fy, cx, cy = (_single(camera, name) for name in ('fx', 'fy', 'cx', 'cy'))
        return [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]
    numbers = _single_matrix(matrix)
    if any(numbers[6:8]) and not any((numbers[2], numbers[5])):
        raise matrix.error('is transposed, as MATLAB writes it; write it row by row: fx 0 cx, 0 fy cy, 0 0 1')
    if numbers[8] != 1.0 and any(numbers):
        raise matrix.error(f'must end in 1, not in {numbers[8]:g}: fx 0 cx, 0 fy cy, 0 0 1')
    return numbers


def _single_matrix(matrix: Value) -> list[float]:
    numbers = matrix.numbers(9, 4)
    if len(numbers) == 9:
        return numbers
    fx, fy, cx, cy = numbers
    return [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]


def _single(camera: NamedValues, name: str) -> float:
    value = camera.find(name, f'Camera.{name}', f'Camera1.{name}')
    if value is None:
        raise CalibrationValueError(f'{name} is missing; fx, fy, cx and cy are needed', camera.value.line)
    return value.numbers(1)[0]


def _distortion(camera: NamedValues) -> list[float]:
    value = camera.find(*_COEFFICIENTS)
    if value is not None and not (isinstance(value.content, dict) and 'k1' in value.content):
        return value.numbers()
    inner = NamedValues(value) if value else camera
    found = {name: inner.find(name, f'Camera.{name}', f'Camera1.{name}') for name in ('k1', 'k2', 'p1', 'p2', 'k3')}
    if not any(found.values()):
        stated = camera.find('distortion_model')
        if stated is not None and _ros_model(stated) not in ('', 'none'):
            raise stated.error(f'is {stated.content}, but distortion_coefficients are missing')
        return []
    return [value.numbers(1)[0] if value else 0.0 for value in found.values()]


def _model(camera: NamedValues, coefficients: Sequence[float]) -> str:
    stated = camera.find('distortion_model', 'model')
    name = _ros_model(stated) if stated else ''
    if not name and (fisheye := camera.find('fisheye_model', 'fisheye')) and str(fisheye.content) not in ('0', 'false'):
        name = 'equidistant'  # of OpenCV's sample program
    return name or _by_count(coefficients)


def _ros_model(stated: Value) -> str:
    if not isinstance(stated.content, str):
        raise stated.error('must be the name of a distortion model, such as plumb_bob')
    known = distortion_name(stated.content)
    return stated.content if known is None else known


def _by_count(coefficients: Sequence[float]) -> str:
    return _BY_COUNT.get(len(coefficients), 'plumb_bob')


def _refuse_omnidirectional(camera: NamedValues) -> None:
    model = camera.find('camera_model', 'Camera.type')
    if model is not None and str(model.content).strip().lower() not in ('pinhole', 'fisheye', 'kannalabrandt8'):
        raise model.error(f'{str(model.content)!r} is not supported; calibrate with the camera model pinhole')


def _of_window(calibration: CameraCalibration, camera: NamedValues) -> CameraCalibration:
    """Return the calibration of the images that a saved CameraInfo describes: a window of the sensor, or binned."""
    roi = camera.find('roi')
    window = NamedValues(roi) if roi else None
    x, y, width, height = (_count(window, name) for name in ('x_offset', 'y_offset', 'width', 'height'))
    bin_x, bin_y = (max(1, _count(camera, name)) for name in ('binning_x', 'binning_y'))
    if not (width and height):
        x, y, width, height = 0, 0, calibration.width, calibration.height
    if (x, y, width, height, bin_x, bin_y) == (0, 0, calibration.width, calibration.height, 1, 1):
        return calibration
    shown = np.array([[1 / bin_x, 0.0, -x / bin_x], [0.0, 1 / bin_y, -y / bin_y], [0.0, 0.0, 1.0]])
    k = (shown @ np.reshape(calibration.k, (3, 3))).ravel().tolist()
    p = (shown @ np.reshape(calibration.p, (3, 4))).ravel().tolist()
    return replace(calibration, width=width // bin_x, height=height // bin_y, k=k, p=p)


def _count(values: NamedValues | None, name: str) -> int:
    found = values.find(name) if values else None
    number = found.numbers(1)[0] if found else 0.0
    if found and not (number >= 0.0 and number.is_integer()):
        raise found.error(f'is {number:g}, not a whole number')
    return int(number)
