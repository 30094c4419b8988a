"""Dice and IoU per image, as TernausNet's evaluation of EndoVis 2017 does."""

from __future__ import annotations

import numpy as np


class TernausImageScores:
    """Means over images of the mean over the classes that an image's truth shows, background aside.

    An image whose truth is empty scores 1 where the prediction is empty too, else 0. In other images, what is predicted
    of a class that the truth does not show costs that class nothing.
    """

    def __init__(self) -> None:
        self._sums = np.zeros(2)
        self.images = 0

    def update(self, counts: np.ndarray) -> None:
        """Add one image by its confusion matrix (row: true class, column: predicted)."""
        self._sums += _dice_and_iou(counts)
        self.images += 1

    def dice(self) -> float:
        """Return the mean Dice; NaN without images."""
        return float(self._sums[0] / self.images) if self.images else float('nan')

    def iou(self) -> float:
        """Return the mean IoU (Jaccard index); NaN without images."""
        return float(self._sums[1] / self.images) if self.images else float('nan')


def _dice_and_iou(counts: np.ndarray) -> np.ndarray:
    shown = counts.sum(axis=1) > 0
    shown[0] = False
    if not shown.any():
        return np.full(2, float(counts[:, 1:].sum() == 0))
    hits = counts.diagonal()[shown].astype(float)
    total = (counts.sum(axis=0) + counts.sum(axis=1))[shown]
    return np.array([(2.0 * hits / total).mean(), (hits / (total - hits)).mean()])
