"""Both eyes' views, small, grey and rectified."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.perception.preprocess import halve
from mt3dnet_ros.perception.scale.second_eye.rectification import Rectification, check_sizes, rectify


@dataclass(frozen=True)
class EyeViews:
    """What both eyes see.

    :param left: (h, w) uint8, rectified, as is ``right``
    :param raw: both before they were rectified
    :param rectification: of images of this size
    """

    left: np.ndarray
    right: np.ndarray
    raw: tuple[np.ndarray, np.ndarray]
    rectification: Rectification


def see(left: np.ndarray, right: np.ndarray, pair: StereoCamera, columns: int) -> EyeViews:
    """Return small rectified views of two images.

    :param left: (H, W, 3) uint8, as is ``right``
    :param columns: of the views; a left image that has no more of them keeps its size, and the right one takes it
    :raises StereoError: an image has not its camera's size, or the cameras are no stereo pair
    """
    check_sizes(left, right, pair)
    size = _reduced(pair.left.width, pair.left.height, columns)
    raw = _grey(left, size), _grey(right, size)
    rectification = rectify(pair.resized(*size))
    return EyeViews(*rectification.rectified(*raw), raw, rectification)


def _reduced(width: int, height: int, columns: int) -> tuple[int, int]:
    return (width, height) if width <= columns else (columns, round(columns * height / width))


def _grey(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return an image small and grey; one that is stored blue first is worked on as it lies, without a copy."""
    blue_first = rgb.strides[2] < 0
    stored = halve(rgb[..., ::-1] if blue_first else rgb, size[::-1])
    small = cv2.resize(stored, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY if blue_first else cv2.COLOR_RGB2GRAY)
