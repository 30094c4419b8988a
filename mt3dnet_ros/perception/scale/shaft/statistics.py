"""Robust statistics of a few numbers, without the overhead that numpy has for many."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


def median(values: np.ndarray) -> float:
    """Return the median of (N,), of an even number the upper one."""
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])


def robust_line(t: np.ndarray, s: np.ndarray) -> tuple[float, float]:
    """Return offset and slope of a line through points (N,), by the medians of Theil (1950) and Sen (1968)."""
    first, second = _pairs(len(t))
    slope = median((s[second] - s[first]) / (t[second] - t[first]))
    return median(s - slope * t), slope


@lru_cache(maxsize=64)
def _pairs(count: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.triu_indices(count, 1)
    return first, second
