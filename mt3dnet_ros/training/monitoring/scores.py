"""Scores shown while training: Dice from a confusion matrix, depth errors in metres."""

from __future__ import annotations

import torch
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED


class DiceScore:
    """Dice per class over everything seen.

    :param classes: number of classes; 0 is the background
    """

    def __init__(self, classes: int) -> None:
        self.counts = torch.zeros(classes, classes, dtype=torch.int64)

    def update(self, predicted: Tensor, target: Tensor) -> None:
        """Count pixels; both (B, H, W) ids, a target of 255 is left out."""
        classes = len(self.counts)
        known = target != IGNORED
        predicted, target = predicted[known], target[known]
        pairs = torch.bincount((target * classes + predicted).cpu(), minlength=classes**2)
        self.counts += pairs.view(classes, classes)

    def macro(self) -> float:
        """Return the mean over the instrument classes that the target shows; NaN where it shows none."""
        hits = self.counts.diagonal().double()
        total = (self.counts.sum(0) + self.counts.sum(1)).double()
        shown = self.counts.sum(1) > 0
        shown[0] = False
        return float((2 * hits / total)[shown].mean())

    def micro(self) -> float:
        """Return the micro Dice over all classes, background included: the share of pixels that are right."""
        return float(self.counts.diagonal().sum() / self.counts.sum())

    def binary(self) -> float:
        """Return the Dice of instrument against background, types aside; NaN where there is neither."""
        both = self.counts[1:, 1:].sum().double()
        return float(2 * both / (self.counts[1:].sum() + self.counts[:, 1:].sum()))


class DepthScore:
    """Mean absolute and relative error of depth over the pixels that are known."""

    def __init__(self) -> None:
        self.counts = torch.zeros(3, dtype=torch.float64)

    def update(self, predicted: Tensor, target: Tensor) -> None:
        """Add frames; both (B, 1, H, W) metres, the target 0 where unknown."""
        known = target > 0
        error = (predicted[known] - target[known]).abs().double()
        self.counts += torch.stack([error.sum(), (error / target[known]).sum(), known.sum()]).cpu()

    def mean_absolute(self) -> float:
        """Return metres; NaN where nothing was known."""
        return float(self.counts[0] / self.counts[2])

    def mean_relative(self) -> float:
        """Return the error as a part of the true depth; NaN where nothing was known."""
        return float(self.counts[1] / self.counts[2])
