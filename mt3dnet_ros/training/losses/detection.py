"""Detection: where objects are, and how large."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.datasets.targets import DetectionTargets

_EPSILON = 1e-6


def heat_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Return the penalty-reduced focal loss per object of each frame, (B,).

    Zhou et al. 2019, Objects as Points, with exponents 2 and 4.

    :param logits: (B, C, h, w)
    :param target: (B, C, h, w), 1 at centres, falling off around
    """
    logits = logits.float()
    probability = logits.sigmoid()
    centre = target == 1.0
    hit = F.logsigmoid(logits) * (1.0 - probability) ** 2
    miss = F.logsigmoid(-logits) * probability**2 * (1.0 - target) ** 4
    return -torch.where(centre, hit, miss).sum((1, 2, 3)) / centre.sum((1, 2, 3)).clamp(min=1)


def quality_heat_loss(logits: Tensor, distances: Tensor, target: DetectionTargets) -> Tensor:
    """Return a loss per object that asks the heat for the quality of the box found with it, (B,).

    Quality focal loss (Li et al. 2020, exponent 2): the wanted heat is the Gaussian of the object times the IoU of the
    predicted box, so that a score tells how well the box fits. No gradient flows through the IoU.

    :param logits: (B, C, h, w)
    :param distances: (B, 4, h, w) predicted left, top, right, bottom, pixels
    """
    logits = logits.float()
    iou, _ = overlaps(distances.detach().movedim(1, -1).float(), target.boxes.movedim(1, -1))
    wanted = target.heat * (iou * (target.weights > 0))[:, None]
    entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction='none')
    gap = (wanted - logits.sigmoid()).abs()
    return (gap**2 * entropy).sum((1, 2, 3)) / (target.heat == 1.0).sum((1, 2, 3)).clamp(min=1)


def giou_loss(distances: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean of one minus generalised IoU of each frame's boxes, (B,) (Rezatofighi et al. 2019).

    :param distances: (B, 4, h, w) left, top, right, bottom of boxes that share a point, not negative
    :param target: (B, 4, h, w)
    :param weights: (B, h, w), 0 where no box is wanted
    """
    rows = (weights > 0).nonzero(as_tuple=True)
    found, wanted = distances.movedim(1, -1)[rows].float(), target.movedim(1, -1)[rows]  # (n, 4)
    iou, hull_share = overlaps(found, wanted)
    cost = (1.0 - iou + 1.0 - hull_share) * weights[rows]
    total = distances.new_zeros(len(weights), dtype=torch.float32).index_add(0, rows[0], cost)
    return total / weights.sum((1, 2)).clamp(min=_EPSILON)


def overlaps(found: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Return IoU, and the union's share of the smallest box around both, of boxes given by distances (..., 4)."""
    intersection = _area(torch.minimum(found, wanted))
    union = (_area(found) + _area(wanted) - intersection).clamp(min=_EPSILON)
    hull = _area(torch.maximum(found, wanted)).clamp(min=_EPSILON)
    return intersection / union, union / hull


def _area(distances: Tensor) -> Tensor:
    left, top, right, bottom = distances.unbind(-1)
    return (left + right) * (top + bottom)
