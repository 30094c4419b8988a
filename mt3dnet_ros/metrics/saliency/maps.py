"""Maps as the metrics of saliency want them: scaled, thresholded, on a coarser grid.

What holds for all metrics: a prediction without contrast says that all places are alike, and is scored as that; a truth
without what a metric needs gives NaN, and the frame does not count.
"""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.errors import InputError

FIXATED_ABOVE = 0.5  # as LWL's released code thresholds its continuous maps


def fixated(truth: np.ndarray, threshold: float = FIXATED_ABOVE) -> np.ndarray:
    """Return where a true map (H, W) in [0, 1] counts as fixated, (H, W) bool."""
    return truth > threshold


def unit_range(saliency: np.ndarray) -> np.ndarray:
    """Return a map with its least value at 0 and its largest at 1; 0 everywhere for one without contrast."""
    saliency = saliency.astype(np.float64)
    span = np.ptp(saliency)
    return (saliency - saliency.min()) / span if span > 0.0 else np.zeros_like(saliency)


def unit_mass(saliency: np.ndarray) -> np.ndarray:
    """Return a map as a distribution, of sum 1; uniform for an empty one.

    :raises ValueError: a value is negative
    """
    saliency = saliency.astype(np.float64)
    if saliency.min() < 0.0:
        raise InputError(f'saliency {saliency.min():g} is negative; give it as a probability, in [0, 1]')
    mass = saliency.sum()
    return saliency / mass if mass > 0.0 else np.full_like(saliency, 1.0 / saliency.size)


def standardised(saliency: np.ndarray) -> np.ndarray:
    """Return a map of mean 0 and standard deviation 1; 0 everywhere for one without contrast."""
    saliency = saliency.astype(np.float64)
    if np.ptp(saliency) == 0.0:
        return np.zeros_like(saliency)
    centred: np.ndarray = (saliency - saliency.mean()) / saliency.std()
    return centred


def reduced(saliency: np.ndarray, longest_side: int) -> np.ndarray:
    """Return the averages over the cells of a grid (h, w) of nearly square cells; a smaller map as it is.

    :param longest_side: of the grid, cells
    """
    scale = min(1.0, longest_side / max(saliency.shape))
    rows, columns = (_averaging(length, max(1, round(scale * length))) for length in saliency.shape)
    averages: np.ndarray = rows @ saliency.astype(np.float64) @ columns.T
    return averages


def _averaging(pixels: int, cells: int) -> np.ndarray:
    """Return the share of each pixel in each cell's average along one axis, (cells, pixels)."""
    edges = np.arange(cells + 1) * (pixels / cells)
    start, end = edges[:-1, None], edges[1:, None]
    pixel = np.arange(pixels)
    overlap = np.minimum(end, pixel + 1.0) - np.maximum(start, pixel)
    return np.clip(overlap, 0.0, None) * (cells / pixels)
