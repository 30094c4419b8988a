"""Segmentation: cross entropy plus soft Dice."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED

_EPSILON = 1e-6


def segmentation_loss(logits: Tensor, target: Tensor, class_weights: Tensor | None = None) -> Tensor:
    """Return cross entropy plus soft Dice per frame, (B,); the logits are bilinearly enlarged to the target.

    :param logits: (B, C, h, w)
    :param target: (B, H, W) int64; 255 is ignored
    :param class_weights: (C,) of the cross entropy, as ``torch.nn.CrossEntropyLoss`` takes them; None weighs all alike
    """
    logits = F.interpolate(logits.float(), size=target.shape[-2:], mode='bilinear', align_corners=False)
    log_probability = logits.log_softmax(1)
    entropy = cross_entropy(log_probability, target, class_weights)
    return entropy + dice_loss(log_probability.exp(), target)


def cross_entropy(log_probability: Tensor, target: Tensor, class_weights: Tensor | None = None) -> Tensor:
    """Return the mean cross entropy of each frame's labelled pixels, (B,); 0 where a frame has none.

    :param log_probability: (B, C, H, W)
    :param target: (B, H, W) int64; 255 is ignored
    """
    surprise = F.nll_loss(log_probability, target, class_weights, ignore_index=IGNORED, reduction='none')
    known = target != IGNORED
    weight = known.float() if class_weights is None else class_weights[target.where(known, 0)] * known
    return surprise.sum((1, 2)) / weight.sum((1, 2)).clamp(min=_EPSILON)


def dice_loss(probability: Tensor, target: Tensor) -> Tensor:
    """Return one minus the mean soft Dice of the classes that each frame shows, (B,) (Milletari et al. 2016, V-Net).

    :param probability: (B, C, H, W)
    :param target: (B, H, W) int64; 255 is ignored
    """
    known = (target != IGNORED)[:, None]
    wanted = F.one_hot(target.where(known[:, 0], 0), probability.shape[1]).movedim(-1, 1) * known  # (B, C, H, W)
    overlap = (probability * wanted).sum((2, 3))
    size = wanted.sum((2, 3))
    dice = 2.0 * overlap / ((probability * known).sum((2, 3)) + size).clamp(min=_EPSILON)
    shown = size > 0
    return ((1.0 - dice) * shown).sum(1) / shown.sum(1).clamp(min=1)
