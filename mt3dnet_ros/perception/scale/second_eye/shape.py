"""What the second eye says of the depth's shape."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mt3dnet_ros.perception.scale.observation import ShapeCorrection

_RADII = 8.0, 3.0, 1.0  # cells; standard deviations of the weights, from far to near
_DOUBT = 0.05  # weight of what lies farther away against the matches at hand
_DEVIATION = 0.03  # of the logarithm of a depth that matches have corrected; judged on rendered pairs
_LARGEST = 0.7  # of the logarithm; what differs by more is a false match


def correct_shape(residuals: np.ndarray, instances: np.ndarray) -> ShapeCorrection:
    """Return the correction of the depth's shape.

    Every instrument, and what is behind them, is corrected by itself, so that borders stay sharp. Where there are
    matches, they are followed closely; farther from them the correction is that of the wider surroundings, and far from
    all it fades to 0.

    :param residuals: (h, w) logarithm of depth by both eyes over the network's, once the factor is taken out; NaN
        where there is no match
    :param instances: (h, w) ids, 0 is background
    """
    known = np.abs(residuals) < _LARGEST
    values = np.where(known, residuals, 0.0).astype(np.float32)
    correction = np.zeros_like(values)
    for instance in np.unique(instances):
        inside = instances == instance
        correction[inside] = _spread_out(values * inside, (known & inside).astype(np.float32))[inside]
    return ShapeCorrection(correction, _deviation(values, known))


def _deviation(values: np.ndarray, known: np.ndarray) -> float:
    """Return the deviation where depth is corrected and, where it is not, that of the network's shape, as one."""
    share = float(known.mean())
    uncorrected = float(np.square(values).sum()) / max(int(known.sum()), 1)
    return math.sqrt(share * _DEVIATION**2 + (1.0 - share) * uncorrected)


def _spread_out(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return weighted means of the surroundings, from wide ones to narrow ones, each on top of the one before."""
    mean = np.zeros_like(values)
    for radius in _RADII:
        weight = cv2.GaussianBlur(weights, (0, 0), radius) + _DOUBT
        mean = (cv2.GaussianBlur(values, (0, 0), radius) + _DOUBT * mean) / weight
    return mean
