"""Calibrations of stereo endoscopes, as the data sets write them."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.geometry.camera import Camera, CameraError
from mt3dnet_ros.geometry.stereo import StereoCamera

_METRES_PER_MILLIMETRE = 1e-3
_RATIONAL = (8, 12, 14)


class StereoCalibrationError(DatasetError):
    """A calibration is missing or cannot be understood."""


def read_intuitive_calibration(path: str | Path, size: tuple[int, int]) -> StereoCamera:
    """Read ``camera_calibration.txt`` of EndoVis 2017, 2018 and the kidney boundary data.

    Its lines are ``key: numbers // comment``; they are found by key, because their number and order vary.

    :param size: width and height of the images that the cameras are wanted for; where the file names a size of its own,
        the two must have one aspect ratio
    :raises StereoCalibrationError: the file is missing, or a key is missing or has too few numbers
    """
    values = _read_text(Path(path))
    calibrated = _stated_size(values) or size
    try:
        cameras = [_intuitive_camera(path, values, index, calibrated) for index in (0, 1)]
        rotation, _ = cv2.Rodrigues(np.array(_numbers(path, values, 'extrinsic-omega', 3)))
        pair = _pair(cameras, rotation, _numbers(path, values, 'extrinsic-t', 3))
    except CameraError as error:
        raise StereoCalibrationError(f"calibration '{path}': {error}") from error
    return _of_size(path, pair, size)


def read_intuitive_size(path: str | Path) -> tuple[int, int] | None:
    """Return width and height of the images that ``camera_calibration.txt`` was made for; None where it is silent."""
    return _stated_size(_read_text(Path(path)))


def read_scared_calibration(path: str | Path, size: tuple[int, int]) -> StereoCamera:
    """Read ``endoscope_calibration.yaml`` of SCARED, a file of OpenCV's: M1 (or K1), D1, M2 (or K2), D2, R and T in mm.

    :param size: width and height of the images in pixels
    :raises StereoCalibrationError: the file is missing, or a matrix is missing or of a wrong shape
    """
    matrices = _read_opencv(Path(path))
    try:
        cameras = [_opencv_camera(path, matrices, index, size) for index in (1, 2)]
        rotation = _matrix(path, matrices, ('R',), 9).reshape(3, 3)
        return _pair(cameras, rotation, _matrix(path, matrices, ('T',), 3).tolist())
    except CameraError as error:
        raise StereoCalibrationError(f"calibration '{path}': {error}") from error


def _read_text(path: Path) -> dict[str, list[float]]:
    """Return the numbers of each key, in lower case, of lines such as ``Camera-0-F: 1084.2 1084.1 // focal length``."""
    if not path.is_file():
        raise StereoCalibrationError(f"calibration '{path}' does not exist")
    values = {}
    for line in path.read_text(encoding='utf-8', errors='replace').splitlines():
        key, colon, rest = line.split('//')[0].partition(':')
        if colon:
            values[key.strip().lower()] = [float(word) for word in re.findall(r'[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?', rest)]
    return values


def _stated_size(values: dict[str, list[float]]) -> tuple[int, int] | None:
    """Return the image's size; the exact names of its keys vary, so that any that end in width and height will do."""
    found = {side: [v[0] for key, v in values.items() if key.endswith(side) and v] for side in ('width', 'height')}
    return (int(found['width'][0]), int(found['height'][0])) if all(found.values()) else None


def _intuitive_camera(path: str | Path, values: dict[str, list[float]], index: int, size: tuple[int, int]) -> Camera:
    fx, fy = _numbers(path, values, f'camera-{index}-f', 2)
    cx, cy = _numbers(path, values, f'camera-{index}-c', 2)
    distortion = _numbers(path, values, f'camera-{index}-k', 5)
    return Camera(*size, fx, fy, cx, cy, 'plumb_bob', tuple(distortion))


def _numbers(path: str | Path, values: dict[str, list[float]], key: str, count: int) -> list[float]:
    if len(values.get(key, ())) < count:
        raise StereoCalibrationError(
            f"calibration '{path}' must have a line '{key}:' with {count} numbers (its keys: {', '.join(values)})"
        )
    return values[key][:count]


def _pair(cameras: list[Camera], rotation: np.ndarray, translation_mm: list[float]) -> StereoCamera:
    x, y, z = (value * _METRES_PER_MILLIMETRE for value in translation_mm)
    return StereoCamera(cameras[0], cameras[1], tuple(map(float, rotation.ravel())), (x, y, z))


def _of_size(path: str | Path, pair: StereoCamera, size: tuple[int, int]) -> StereoCamera:
    width, height = pair.left.width, pair.left.height
    if (width, height) == size:
        return pair
    if abs(width * size[1] - height * size[0]) > max(width, height):
        raise StereoCalibrationError(
            f"calibration '{path}' is for images of {width} x {height} pixels, these have {size[0]} x {size[1]}; "
            'crop the images as the calibration needs them'
        )
    return pair.resized(*size)


def _read_opencv(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise StereoCalibrationError(f"calibration '{path}' does not exist")
    try:
        storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
        keys = storage.root().keys()
        matrices = {key: storage.getNode(key).mat() for key in keys if storage.getNode(key).isMap()}
    except (cv2.error, SystemError) as error:
        raise StereoCalibrationError(f"calibration '{path}' is not a YAML file of OpenCV's: {error}") from error
    return {key: matrix for key, matrix in matrices.items() if matrix is not None}


def _opencv_camera(path: str | Path, matrices: dict[str, np.ndarray], index: int, size: tuple[int, int]) -> Camera:
    k = _matrix(path, matrices, (f'M{index}', f'K{index}'), 9).reshape(3, 3)
    distortion = tuple(_matrix(path, matrices, (f'D{index}',)).tolist())
    model = 'rational_polynomial' if len(distortion) in _RATIONAL else 'plumb_bob'
    return Camera(*size, float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2]), model, distortion)


def _matrix(
    path: str | Path, matrices: dict[str, np.ndarray], names: tuple[str, ...], count: int | None = None
) -> np.ndarray:
    """Return the first of the matrices that the file has, as a row of float64."""
    for name in names:
        if name in matrices and count in (None, matrices[name].size):
            return matrices[name].astype(np.float64).ravel()
    expected = 'a matrix' if count is None else f'a matrix of {count} numbers'
    raise StereoCalibrationError(
        f"calibration '{path}' must have {expected} {' or '.join(names)} (it has {', '.join(matrices) or 'none'})"
    )
