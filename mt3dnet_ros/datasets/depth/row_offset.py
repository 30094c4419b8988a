"""The vertical offset of a rectified pair, which should be zero: calibrations age, and rigs are knocked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

_FEATURES = 3000
_LEAST_MATCHES = 30
_LARGEST = 60.0  # rows; beyond that, the images are no pair
_LOWE_RATIO = 0.8  # Lowe's ratio of the best to the second-best match's distance
_MAD_TO_DEVIATION = 1.4826  # of a normal distribution: standard deviation over median absolute deviation


@dataclass(frozen=True)
class RowOffset:
    """The right image's content lies ``rows`` below the left one's.

    :param spread: standard deviation of single matches, rows, estimated robustly
    :param matches: how many matches it is the median of
    """

    rows: float
    spread: float
    matches: int

    def scaled(self, factor: float) -> RowOffset:
        """Return the offset in images of so many times the rows."""
        return RowOffset(self.rows * factor, self.spread * factor, self.matches)


def measure_row_offset(left: np.ndarray, right: np.ndarray, least: int, count: int) -> RowOffset | None:
    """Return the median vertical distance of distinct points; None where there are too few of them to tell.

    :param left: (H, W) or (H, W, 3) uint8, rectified, as is ``right``
    :param least: the smallest disparity that counts as a match, pixels
    :param count: how many disparities do
    """
    shifts = _shifts(left, right)
    plausible = (shifts[:, 0] >= least) & (shifts[:, 0] < least + count) & (np.abs(shifts[:, 1]) <= _LARGEST)
    rows = shifts[plausible, 1]
    if len(rows) < _LEAST_MATCHES:
        return None
    median = float(np.median(rows))
    return RowOffset(median, _MAD_TO_DEVIATION * float(np.median(np.abs(rows - median))), len(rows))


def shift_rows(image: np.ndarray, rows: float) -> np.ndarray:
    """Return an image with its content moved up by a number of rows; the last ones repeat."""
    transform = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, -rows]])
    return cv2.warpAffine(image, transform, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def _shifts(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the disparity and the vertical distance of distinct matches, (n, 2)."""
    detector = cv2.ORB.create(_FEATURES, fastThreshold=7)
    (left_points, left_descriptors), (right_points, right_descriptors) = (
        detector.detectAndCompute(image, None) for image in (left, right)
    )
    if min(len(left_points), len(right_points)) < 2:
        return np.empty((0, 2))
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(left_descriptors, right_descriptors, 2)
    distinct = [best for best, second in pairs if best.distance < _LOWE_RATIO * second.distance]
    shifts = [_shift(left_points[pair.queryIdx].pt, right_points[pair.trainIdx].pt) for pair in distinct]
    return np.array(shifts).reshape(-1, 2)


def _shift(left: Sequence[float], right: Sequence[float]) -> tuple[float, float]:
    return left[0] - right[0], right[1] - left[1]
