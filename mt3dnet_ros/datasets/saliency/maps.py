"""Saliency maps: fixations on a jittered grid over the working ends of instruments, weighted and blurred."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from mt3dnet_ros.datasets.saliency.working_ends import WorkingEnd

SPACING = 1 / 40  # of the image's width between fixations: 32 pixels of 1280
BLUR = 1 / 40  # of the image's width: as wide as fixations are apart, so that their grid does not show


def fixation_points(rng: np.random.Generator, end: WorkingEnd, spacing: float) -> np.ndarray:
    """Return pixels of a working end, (N, 2) int64 x and y: one at random in each cell of a grid, where it hits.

    An end that is too small to be hit has one, next to its centre.

    :param spacing: side of a cell, pixels
    """
    height, width = end.mask.shape
    columns, rows = np.meshgrid(np.arange(np.ceil(width / spacing)), np.arange(np.ceil(height / spacing)))
    cells = np.stack([columns.ravel(), rows.ravel()], axis=-1)
    points = np.floor((cells + rng.random(cells.shape)) * spacing).astype(np.int64)
    points = points[(points < [width, height]).all(axis=-1)]
    hits = points[end.mask[points[:, 1], points[:, 0]]]
    return hits if len(hits) else np.array([end.nearest_pixel(end.centre)])


def saliency_map(
    points: Sequence[np.ndarray], weights: np.ndarray, shape: tuple[int, int], deviation: float
) -> np.ndarray:
    """Return a saliency map, (H, W) uint8 with 255 at its highest; without fixations it is 0 everywhere.

    :param points: of each instrument, (N, 2) pixels x and y
    :param weights: of each instrument
    :param shape: rows and columns
    :param deviation: standard deviation of the Gaussian blur, pixels
    """
    fixated = np.zeros(shape, np.float32)
    for own, weight in zip(points, weights, strict=True):
        np.add.at(fixated, (own[:, 1], own[:, 0]), np.float32(weight))
    blurred = cv2.GaussianBlur(fixated, (0, 0), deviation, borderType=cv2.BORDER_CONSTANT)
    highest = float(blurred.max())
    return np.round(255 * blurred / highest).astype(np.uint8) if highest > 0 else np.zeros(shape, np.uint8)
