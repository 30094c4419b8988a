"""The tasks' losses; each is near 0 for a perfect prediction and averages over what is labelled."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.datasets.targets import DetectionTargets
from mt3dnet_ros.models.mt3dnet import Prediction

IGNORED = 255
_EPSILON = 1e-6


class TaskLosses(NamedTuple):
    """One scalar per task."""

    types: Tensor
    parts: Tensor
    depth: Tensor
    heat: Tensor
    boxes: Tensor


class Labels(NamedTuple):
    """What a batch should come out as.

    :param types: (B, H', W') int64, at any resolution not below the logits'; 255 is ignored
    :param parts: (B, H', W') int64
    :param depth: (B, 1, H', W') metres at the canonical focal length, 0 where unknown
    :param detection: on the detection grid
    """

    types: Tensor
    parts: Tensor
    depth: Tensor
    detection: DetectionTargets


def task_losses(prediction: Prediction, labels: Labels) -> TaskLosses:
    """Return every task's loss."""
    return TaskLosses(
        types=segmentation_loss(prediction.types, labels.types),
        parts=segmentation_loss(prediction.parts, labels.parts),
        depth=depth_loss(prediction.depth, labels.depth),
        heat=heat_loss(prediction.heat, labels.detection.heat),
        boxes=giou_loss(prediction.boxes, labels.detection.boxes, labels.detection.weights),
    )


def segmentation_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross entropy plus soft Dice, the logits bilinearly enlarged to the target.

    :param logits: (B, C, h, w)
    :param target: (B, H, W) int64; 255 is ignored
    """
    logits = F.interpolate(logits.float(), size=target.shape[-2:], mode='bilinear', align_corners=False)
    log_probability = logits.log_softmax(1)
    known = target != IGNORED
    surprise = F.nll_loss(log_probability, target, ignore_index=IGNORED, reduction='sum')
    return surprise / known.sum().clamp(min=1) + dice_loss(log_probability.exp(), target)


def dice_loss(probability: Tensor, target: Tensor) -> Tensor:
    """One minus the mean soft Dice of the classes that the batch's target shows (Milletari et al. 2016, V-Net).

    :param probability: (B, C, H, W)
    :param target: (B, H, W) int64; 255 is ignored
    """
    classes = probability.shape[1]
    known = (target != IGNORED)[:, None]
    wanted = F.one_hot(target.where(known[:, 0], 0), classes).movedim(-1, 1) * known  # (B, C, H, W)
    overlap = (probability * wanted).sum((0, 2, 3))
    total = (probability * known).sum((0, 2, 3)) + wanted.sum((0, 2, 3))
    present = wanted.sum((0, 2, 3)) > 0
    dice = 2.0 * overlap / total.clamp(min=_EPSILON)
    return ((1.0 - dice) * present).sum() / present.sum().clamp(min=1)


def depth_loss(depth: Tensor, target: Tensor) -> Tensor:
    """Log-L1, scale-invariant log (Eigen et al. 2014) and multi-scale gradients (Li and Snavely 2018, MegaDepth).

    :param depth: (B, 1, h, w) metres
    :param target: (B, 1, H, W) metres; 0 is ignored
    """
    logarithm = F.interpolate(depth.float().log(), size=target.shape[-2:], mode='bilinear', align_corners=False)
    known = (target > 0).float()
    error = (logarithm - target.clamp(min=_EPSILON).log()) * known
    count = known.sum((1, 2, 3)).clamp(min=1)
    mean = error.sum((1, 2, 3)) / count
    spread = ((error**2).sum((1, 2, 3)) / count - 0.85 * mean**2).clamp(min=0.0)
    absolute = error.abs().sum() / known.sum().clamp(min=1)
    return absolute + (spread + _EPSILON).sqrt().mean() + 0.5 * gradient_loss(error, known)


def gradient_loss(error: Tensor, known: Tensor, scales: int = 3) -> Tensor:
    """Mean absolute difference of neighbouring log-depth errors, at halving resolutions.

    :param error: (B, 1, H, W), 0 where unknown
    :param known: (B, 1, H, W), 1 where known
    """
    total = error.new_zeros(())
    for scale in range(scales):
        step = 2**scale
        values, valid = error[..., ::step, ::step], known[..., ::step, ::step]
        for dimension in (2, 3):
            pairs = values.diff(dim=dimension).abs()
            length = valid.shape[dimension] - 1
            both = valid.narrow(dimension, 0, length) * valid.narrow(dimension, 1, length)
            total = total + (pairs * both).sum() / both.sum().clamp(min=1)
    return total / (2 * scales)


def heat_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Penalty-reduced focal loss per object (Zhou et al. 2019, Objects as Points, with exponents 2 and 4).

    :param logits: (B, C, h, w)
    :param target: (B, C, h, w), 1 at centres, falling off around
    """
    logits = logits.float()
    probability = logits.sigmoid()
    centre = target == 1.0
    hit = F.logsigmoid(logits) * (1.0 - probability) ** 2
    miss = F.logsigmoid(-logits) * probability**2 * (1.0 - target) ** 4
    return -torch.where(centre, hit, miss).sum() / centre.sum().clamp(min=1)


def giou_loss(distances: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """One minus generalised IoU (Rezatofighi et al. 2019) of boxes given by distances from a shared point.

    :param distances: (B, 4, h, w) left, top, right, bottom, not negative
    :param target: (B, 4, h, w)
    :param weights: (B, h, w), 0 where no box is wanted
    """
    chosen = weights > 0
    if not chosen.any():
        return distances.sum() * 0.0
    found, wanted = distances.movedim(1, -1)[chosen].float(), target.movedim(1, -1)[chosen]  # (n, 4)
    intersection = _area(torch.minimum(found, wanted))
    union = _area(found) + _area(wanted) - intersection
    hull = _area(torch.maximum(found, wanted)).clamp(min=_EPSILON)
    giou = intersection / union.clamp(min=_EPSILON) - (hull - union) / hull
    return ((1.0 - giou) * weights[chosen]).sum() / weights[chosen].sum()


def _area(distances: Tensor) -> Tensor:
    left, top, right, bottom = distances.unbind(-1)
    return (left + right) * (top + bottom)
