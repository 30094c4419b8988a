"""Scores shown while training: Dice from a confusion matrix, errors of depth, likeness of saliency, views told."""

from __future__ import annotations

from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.training.augmentation.augment import Batch


class Score(Protocol):
    """How well one output of the network does over a validation."""

    counts: Tensor
    """Everything that was counted; the counts of several processes are added up."""

    def add(self, prediction: Any, batch: Any) -> None:
        """Count a batch, by what has its output and its label as attributes."""

    def results(self) -> dict[str, float]:
        """Return the scores of what was counted, by the names that they have in logs."""


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


class TypesScore(DiceScore):
    """The score of instrument types."""

    def __init__(self, config: MT3DNetConfig) -> None:
        super().__init__(len(config.classes))

    def add(self, prediction: Prediction, batch: Batch) -> None:
        """Count a batch, at the labels' resolution."""
        self.update(enlarged(prediction.types, batch.types).argmax(1), batch.types)

    def results(self) -> dict[str, float]:
        """Return how well instruments and types are told."""
        return {'binary_dice': self.binary(), 'types_micro': self.micro(), 'types_dice': self.macro()}


class PartsScore(DiceScore):
    """The score of instrument parts."""

    def __init__(self, config: MT3DNetConfig) -> None:
        super().__init__(len(config.parts))

    def add(self, prediction: Prediction, batch: Batch) -> None:
        """Count a batch, at the labels' resolution."""
        self.update(enlarged(prediction.parts, batch.parts).argmax(1), batch.parts)

    def results(self) -> dict[str, float]:
        """Return how well parts are told."""
        return {'parts_dice': self.macro()}


class DepthScore:
    """Mean absolute and relative error of depth over the pixels that are known."""

    def __init__(self) -> None:
        self.counts = torch.zeros(3, dtype=torch.float64)

    def add(self, prediction: Prediction, batch: Batch) -> None:
        """Count a batch, at the labels' resolution, in true metres."""
        scale = batch.scale[:, None, None, None]
        self.update(enlarged(prediction.depth, batch.depth) * scale, batch.depth * scale)

    def results(self) -> dict[str, float]:
        """Return the errors in millimetres and as a part of the depth."""
        return {'depth_mae_mm': 1000.0 * self.mean_absolute(), 'depth_abs_rel': self.mean_relative()}

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


class SaliencyScore:
    """The mean SIM of saliency maps: the sum over pixels of the smaller of both, each of unit mass.

    Definition: Bylinskii et al. 2019. Unlike that of ``metrics.saliency`` it does not scale maps to [0, 1] before.
    """

    def __init__(self) -> None:
        self.counts = torch.zeros(2, dtype=torch.float64)

    def add(self, prediction: Any, batch: Any) -> None:
        """Count the frames in which something is salient, at the labels' resolution."""
        found, wanted = enlarged(prediction.saliency, batch.saliency).sigmoid(), batch.saliency
        salient = wanted.flatten(1).any(1)
        shares = (maps[salient].flatten(1).double() for maps in (found, wanted))
        found, wanted = (maps / maps.sum(1, keepdim=True) for maps in shares)
        self.counts += torch.stack([torch.minimum(found, wanted).sum(), salient.sum()]).cpu()

    def results(self) -> dict[str, float]:
        """Return the mean, 1 for equal maps and 0 for maps that share no pixel; NaN where nothing was salient."""
        return {'saliency_sim': float(self.counts[0] / self.counts[1])}


class ViewScore:
    """How often views of scenes, and pictures that show none, are told for what they are."""

    def __init__(self) -> None:
        self.counts = torch.zeros(2, 2, dtype=torch.int64)

    def add(self, prediction: Any, batch: Any) -> None:
        """Count a batch: an image is called a view where its probability passes one half."""
        found, known = prediction.view.flatten() > 0, batch.known > 0
        pairs = torch.bincount((2 * known.long() + found.long()).cpu(), minlength=4)
        self.counts += pairs.view(2, 2)

    def results(self) -> dict[str, float]:
        """Return the shares of either that are told right; NaN where there was none."""
        right = self.counts.diagonal().double() / self.counts.sum(1).double()
        return {'views_told': float(right[1]), 'nothing_told': float(right[0])}


def enlarged(values: Tensor, labels: Tensor) -> Tensor:
    """Return an output (B, C, h, w) at the height and width of labels (..., H, W)."""
    return F.interpolate(values.float(), size=labels.shape[-2:], mode='bilinear', align_corners=False)
