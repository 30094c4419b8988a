"""Disparity of rectified images by semi-global matching (Hirschmueller, 2008), checked from both sides."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

_STEPS = 16.0  # OpenCV's disparities are in sixteenths of a pixel
_FLIP = 1  # left and right
_TEXTURE_WINDOW = 21  # pixels


@dataclass(frozen=True)
class Matching:
    """Settings of the matcher.

    :param columns: width to which larger images are reduced before ``match`` is called, pixels
    :param block: side of the compared blocks, pixels, odd
    :param agreement: largest difference between both sides' disparities, pixels
    :param uniqueness: by how many per cent the best match must be better than any other
    :param speckle: regions of at most this many pixels are taken for errors
    :param texture: least mean change from one column to the next, grey levels; where there is less to compare, the
        matcher invents smooth disparities, on which both sides agree
    """

    columns: int = 640
    block: int = 5
    agreement: float = 1.0
    uniqueness: int = 10
    speckle: int = 100
    texture: float = 1.0


def match(
    left: np.ndarray, right: np.ndarray, least: int, count: int, settings: Matching
) -> tuple[np.ndarray, np.ndarray]:
    """Return the disparity of the left image's pixels and how well both sides agree on it.

    :param left: (H, W) or (H, W, 3) uint8, rectified, as is ``right``
    :param least: the smallest disparity looked for, pixels; may be negative
    :param count: how many disparities are looked for
    :returns: (H, W) float32 pixels, NaN where unknown; (H, W) float32, 1 for perfect agreement, 0 where unknown
    """
    matcher = _Matcher(least, count, settings)
    left_disparity = matcher(left, right)
    right_disparity = cv2.flip(matcher(cv2.flip(right, _FLIP), cv2.flip(left, _FLIP)), _FLIP)
    difference = np.abs(left_disparity - _sampled_from_left(right_disparity, left_disparity))
    agreed = (difference < settings.agreement) & (_texture(left) >= settings.texture)
    agreement = np.where(agreed, 1.0 - difference / settings.agreement, 0.0)
    return np.where(agreed, left_disparity, math.nan).astype(np.float32), agreement.astype(np.float32)


class _Matcher:
    """OpenCV's matcher over a range of disparities.

    It leaves the columns unmatched that lack a part of the range; a border as wide as the range gives them all of it.
    """

    def __init__(self, least: int, count: int, settings: Matching) -> None:
        count = math.ceil(count / 16) * 16  # OpenCV takes multiples of 16
        self.border = max(0, least + count), max(0, -least)
        self.least = least
        area = 3 * settings.block**2
        self.matcher = cv2.StereoSGBM.create(
            minDisparity=least,
            numDisparities=count,
            blockSize=settings.block,
            P1=8 * area,
            P2=32 * area,
            uniquenessRatio=settings.uniqueness,
            speckleWindowSize=settings.speckle,
            speckleRange=2,
            preFilterCap=31,
            mode=cv2.STEREO_SGBM_MODE_SGBM_3WAY,
        )

    def __call__(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the disparity of the left image's pixels, NaN where unknown."""
        start, end = self.border
        padded = (cv2.copyMakeBorder(image, 0, 0, start, end, cv2.BORDER_CONSTANT) for image in (left, right))
        disparity = self.matcher.compute(*padded)[:, start : start + left.shape[1]] / np.float32(_STEPS)
        return np.where(disparity < self.least, np.float32(math.nan), disparity)


def _texture(image: np.ndarray) -> np.ndarray:
    """Return the mean change from one column to the next around each pixel, grey levels."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    change = np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3, scale=1.0 / 8.0))
    return cv2.blur(change, (_TEXTURE_WINDOW, _TEXTURE_WINDOW))


def _sampled_from_left(right_disparity: np.ndarray, left_disparity: np.ndarray) -> np.ndarray:
    """Return the right image's disparities at the pixels that the left image's disparities lead to."""
    height, width = left_disparity.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return cv2.remap(
        right_disparity,
        columns - left_disparity,
        rows,
        cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=math.nan,
    )
