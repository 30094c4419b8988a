"""Reliability of confidences: whether four of five pixels are right where it is 0.8."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_LEVELS = 256  # of a confidence stored in 8 bits


class ReliabilityBins(NamedTuple):
    """Pixels by confidence, in bins of equal width.

    :param edges: (bins + 1,) from 0 to 1; a confidence on an edge belongs to the bin below
    :param pixels: (bins,) how many pixels
    :param confidence: (bins,) their mean confidence; NaN where the bin is empty
    :param accuracy: (bins,) the share of them that is right; NaN where the bin is empty
    """

    edges: np.ndarray
    pixels: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray


class Reliability:
    """Confidences, and whether what they vouch for was right."""

    def __init__(self) -> None:
        self._pixels = np.zeros(_LEVELS, np.int64)
        self._right = np.zeros(_LEVELS, np.int64)

    def update(self, confidence: np.ndarray, right: np.ndarray) -> None:
        """Add pixels.

        :param confidence: uint8, 255 times the probability of the chosen class
        :param right: bool, whether the chosen class is the true one
        """
        self._pixels += np.bincount(confidence.ravel(), minlength=_LEVELS)
        self._right += np.bincount(confidence[right], minlength=_LEVELS)

    @classmethod
    def of(cls, confidence: np.ndarray, right: np.ndarray) -> Reliability:
        """Return that of pixels; see ``update``."""
        reliability = cls()
        reliability.update(confidence, right)
        return reliability

    def __iadd__(self, other: Reliability) -> Reliability:
        """Add the pixels of another."""
        self._pixels += other._pixels
        self._right += other._right
        return self

    @property
    def pixels(self) -> int:
        """Number of pixels added."""
        return int(self._pixels.sum())

    def bins(self, count: int = 15) -> ReliabilityBins:
        """Return the pixels in bins."""
        levels = np.arange(_LEVELS)
        owner = np.maximum(-(-levels * count // (_LEVELS - 1)) - 1, 0)  # whole numbers: no level slips over an edge
        pixels, right, confidence = (
            np.bincount(owner, weights, minlength=count)
            for weights in (self._pixels, self._right, self._pixels * levels / (_LEVELS - 1))
        )
        with np.errstate(invalid='ignore'):
            return ReliabilityBins(np.linspace(0, 1, count + 1), pixels, confidence / pixels, right / pixels)

    def expected_calibration_error(self, count: int = 15) -> float:
        """Return the mean over pixels of |confidence - accuracy| of their bin (Guo et al. 2017); NaN without pixels."""
        bins = self.bins(count)
        filled = bins.pixels > 0
        if not filled.any():
            return float('nan')
        return float(np.average(np.abs(bins.confidence - bins.accuracy)[filled], weights=bins.pixels[filled]))
