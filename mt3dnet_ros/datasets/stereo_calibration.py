"""Calibrations of stereo endoscopes, as the data sets and calibration tools write them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import DatasetError, DatasetWarning
from mt3dnet_ros.geometry.camera import Camera, CameraError
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.media.calibration.intuitive import numbered_lines
from mt3dnet_ros.media.calibration.stereo import StereoTransform, read_stereo_transform
from mt3dnet_ros.media.calibration_file import (
    CameraCalibrationError,
    camera_from_calibration,
    read_calibration_file,
    read_pair_of_cameras,
)

_METRES_PER_MILLIMETRE = 1e-3


class StereoCalibrationError(DatasetError):
    """A calibration is missing or cannot be understood."""


def read_stereo_calibration(
    path: str | Path, size: tuple[int, int], right: str | Path | None = None, rectified: bool = False
) -> StereoCamera:
    """Read a pair of cameras in any format of docs/robot/calibration_files.md; what is odd of its units is warned of.

    :param path: of the pair's file, or of the left camera's where ``right`` is that of the right one
    :param size: width and height of the images; where the file has a size of its own, the two must have one aspect
    :param rectified: of rectified images
    :raises StereoCalibrationError: a file is missing, cannot be understood or holds no pair
    """
    with _stereo_errors(path):
        if right is None:
            calibrations = read_pair_of_cameras(path, size)
        else:
            calibrations = read_calibration_file(path, size), read_calibration_file(right, size)
        found = read_stereo_transform(path, right)
        transform = found.rectified() if rectified else found
        pair = _pair([camera_from_calibration(calibration, rectified) for calibration in calibrations], transform)
    if transform.remark:
        warnings.warn(f"calibration '{path}': {transform.remark}", DatasetWarning, stacklevel=2)
    return _of_size(path, pair, size)


def read_intuitive_calibration(path: str | Path, size: tuple[int, int]) -> StereoCamera:
    """Read ``camera_calibration.txt`` of EndoVis 2017, 2018 and the kidney boundary data.

    Its lines are ``key: numbers // comment``; they are found by key, because their number and order vary.

    :param size: width and height of the images that the cameras are wanted for; where the file names a size of its own,
        the two must have one aspect ratio
    :raises StereoCalibrationError: the file is missing, or a key is missing or has too few numbers
    """
    values = _read_text(Path(path))
    calibrated = _stated_size(values) or size
    with _stereo_errors(path):
        cameras = [_intuitive_camera(path, values, index, calibrated) for index in (0, 1)]
        rotation, _ = cv2.Rodrigues(np.array(_numbers(path, values, 'extrinsic-omega', 3)))
        translation = _METRES_PER_MILLIMETRE * np.array(_numbers(path, values, 'extrinsic-t', 3))
        pair = _pair(cameras, StereoTransform(rotation, translation))
    return _of_size(path, pair, size)


def read_intuitive_size(path: str | Path) -> tuple[int, int] | None:
    """Return width and height of the images that ``camera_calibration.txt`` was made for; None where it is silent."""
    return _stated_size(_read_text(Path(path)))


def read_scared_calibration(path: str | Path, size: tuple[int, int]) -> StereoCamera:
    """Read ``endoscope_calibration.yaml`` of SCARED, a file of OpenCV's: M1 (or K1), D1, M2 (or K2), D2, R and T in mm.

    :param size: width and height of the images in pixels
    :raises StereoCalibrationError: the file is missing, or a matrix is missing or of a wrong shape
    """
    with _stereo_errors(path):
        cameras = [camera_from_calibration(calibration) for calibration in read_pair_of_cameras(path, size)]
        pair = _pair(cameras, read_stereo_transform(path, metres_per_unit=_METRES_PER_MILLIMETRE))
    return _of_size(path, pair, size)


@contextmanager
def _stereo_errors(path: str | Path) -> Iterator[None]:
    try:
        yield
    except CameraCalibrationError as error:  # which names the file
        raise StereoCalibrationError(str(error)) from error
    except CameraError as error:
        raise StereoCalibrationError(f"calibration '{path}': {error}") from error


def _read_text(path: Path) -> dict[str, list[float]]:
    """Return the numbers of each key, in lower case."""
    if not path.is_file():
        raise StereoCalibrationError(f"calibration '{path}' does not exist")
    text = path.read_text(encoding='utf-8', errors='replace')
    return {key: numbers for key, numbers, _ in numbered_lines(text)}


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


def _pair(cameras: list[Camera], transform: StereoTransform) -> StereoCamera:
    x, y, z = map(float, transform.translation)
    return StereoCamera(cameras[0], cameras[1], tuple(map(float, transform.rotation.ravel())), (x, y, z))


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
