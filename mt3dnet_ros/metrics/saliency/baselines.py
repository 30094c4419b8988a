"""Saliency without learning, which a network has to beat."""

from __future__ import annotations

import numpy as np


def centre_prior(height: int, width: int, spread: float = 0.25) -> np.ndarray:
    """Return a Gaussian in the middle of the picture, (H, W) float32, 1 at its peak.

    :param spread: standard deviation as a share of the height along it and of the width along it
    """
    rows, columns = (
        np.exp(-0.5 * ((np.arange(length) + 0.5) / length - 0.5) ** 2 / spread**2) for length in (height, width)
    )
    return np.outer(rows, columns).astype(np.float32)


def nearest_clasper(
    clasper: np.ndarray, instances: np.ndarray, depth: np.ndarray | None = None, spread: float = 0.05
) -> np.ndarray:
    """Return a Gaussian at each instrument's clasper, (H, W) float32: 1 high at the one nearest to the camera.

    Another that is k times as far is 1 / k high. Without depth all are alike; one whose own depth is unknown is taken
    to be as far as the farthest.

    :param clasper: (H, W) bool
    :param instances: (H, W) ids of instruments, 0 for none
    :param depth: (H, W) metres, 0 or NaN where unknown
    :param spread: standard deviation as a share of the longer side
    :returns: 0 everywhere where no clasper is seen
    """
    masks = [clasper & (instances == number) for number in np.unique(instances[clasper & (instances > 0)])]
    saliency = np.zeros(clasper.shape, np.float32)
    for mask, height in zip(masks, _closeness(masks, depth), strict=True):
        saliency = np.maximum(saliency, height * _blob(mask, spread * max(mask.shape)))
    return saliency


def _closeness(masks: list[np.ndarray], depth: np.ndarray | None) -> np.ndarray:
    """Return the least distance over that of each mask, (n,)."""
    distances = np.array([_distance(depth[mask]) if depth is not None else np.nan for mask in masks])
    if np.isnan(distances).all():
        return np.ones(len(masks))
    closeness: np.ndarray = np.nanmin(distances) / np.where(np.isnan(distances), np.nanmax(distances), distances)
    return closeness


def _distance(depths: np.ndarray) -> float:
    known = depths[depths > 0.0]
    return float(np.median(known)) if known.size else float('nan')


def _blob(mask: np.ndarray, sigma: float) -> np.ndarray:
    """Return a Gaussian about the centre of a mask, (H, W) float32; ``sigma`` is in pixels."""
    row, column = np.argwhere(mask).mean(axis=0)
    rows, columns = (
        np.exp(-0.5 * ((np.arange(length) - centre) / sigma) ** 2)
        for length, centre in zip(mask.shape, (row, column), strict=True)
    )
    return np.outer(rows, columns).astype(np.float32)
