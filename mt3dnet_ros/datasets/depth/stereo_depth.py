"""Inverse depth of a stereo pair, in the geometry of its left image."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.datasets.depth.matching import Matching, match
from mt3dnet_ros.datasets.depth.row_offset import RowOffset, measure_row_offset, shift_rows
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.perception.scale.second_eye.rectification import check_sizes, rectify

_NEGLIGIBLE = 0.5  # rows; below that, resampling costs more than it gains


@dataclass(frozen=True)
class StereoDepth:
    """Inverse depth from a stereo pair.

    :param inverse: (H, W) float32, 1 / m along the left camera's axis, NaN where unknown
    :param agreement: (H, W) float32, how well both sides agree: 1 for perfectly, 0 where unknown
    :param row_offset: by how many rows the pair was apart; None where that could not be measured
    """

    inverse: np.ndarray
    agreement: np.ndarray
    row_offset: RowOffset | None

    @property
    def known(self) -> np.ndarray:
        """Where inverse depth is known, (H, W) bool."""
        return np.isfinite(self.inverse)


def stereo_depth(
    left: np.ndarray, right: np.ndarray, stereo: StereoCamera, reach: tuple[float, float], settings: Matching
) -> StereoDepth:
    """Rectify, level and match a pair, at reduced resolution where it is large.

    :param left: (H, W, 3) uint8, as is ``right``
    :param reach: nearest and farthest depth that is looked for, metres
    :raises StereoError: an image has not its camera's size, or the cameras are no stereo pair
    """
    check_sizes(left, right, stereo)
    small = _reduced(stereo, settings.columns)
    found = _matched(_resized(left, small.left), _resized(right, small.right), small, reach, settings)
    if small is stereo:
        return found
    factor = stereo.left.height / small.left.height
    return StereoDepth(
        inverse=_enlarged(found.inverse, stereo.left),
        agreement=_enlarged(found.agreement, stereo.left),
        row_offset=found.row_offset and found.row_offset.scaled(factor),
    )


def _reduced(stereo: StereoCamera, columns: int) -> StereoCamera:
    width, height = stereo.left.width, stereo.left.height
    return stereo if width <= columns else stereo.resized(columns, round(columns * height / width))


def _resized(image: np.ndarray, camera: Camera) -> np.ndarray:
    return cv2.resize(image, (camera.width, camera.height), interpolation=cv2.INTER_AREA)


def _enlarged(values: np.ndarray, camera: Camera) -> np.ndarray:
    """Return a map with the camera's pixels; the nearest values, because some are unknown."""
    return cv2.resize(values, (camera.width, camera.height), interpolation=cv2.INTER_NEAREST)


def _matched(
    left: np.ndarray, right: np.ndarray, stereo: StereoCamera, reach: tuple[float, float], settings: Matching
) -> StereoDepth:
    """Rectify, level and match at the resolution of the images."""
    rectification = rectify(stereo)
    disparities = rectification.disparities(*reach)
    left, right = rectification.rectified(left, right)
    offset = measure_row_offset(left, right, *disparities)
    if offset is not None and abs(offset.rows) >= _NEGLIGIBLE:
        right = shift_rows(right, offset.rows)
    disparity, agreement = match(left, right, *disparities, settings)
    inverse = rectification.inverse_depth(disparity)
    inverse[~((inverse >= 1.0 / reach[1]) & (inverse <= 1.0 / reach[0]))] = math.nan
    agreement = np.where(np.isfinite(inverse), rectification.to_left_image(agreement), np.float32(0.0))
    return StereoDepth(inverse, agreement, offset)
