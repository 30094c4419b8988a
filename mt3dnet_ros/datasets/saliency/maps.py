"""Saliency maps: weighted fixations, blurred."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

BLUR = 1 / 40  # of the image's width: as wide as fixations are apart, so that their grid does not show


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
