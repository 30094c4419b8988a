"""The loss of each task on a batch of windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.training.losses.saliency import SINKHORN_WEIGHT, saliency_loss
from mt3dnet_ros.training.losses.segmentation import cross_entropy

from .stages import SALIENCY, SEGMENTATION
from .window_transform import WindowBatch


@dataclass(frozen=True)
class LossWeights:
    """How losses are added up.

    :param sinkhorn: of the transport cost in the saliency loss; 0 leaves it out
    :param joint: of each task, where one step sums both
    """

    sinkhorn: float = SINKHORN_WEIGHT
    joint: Mapping[str, float] = field(default_factory=lambda: {SEGMENTATION: 0.5, SALIENCY: 0.5})


def weighted_losses(
    logits: Mapping[str, Tensor], batch: WindowBatch, weights: LossWeights
) -> tuple[dict[str, Tensor], Tensor]:
    """Return the mean loss of each task that was predicted, and what to minimise: it, or the weighted sum of two."""
    losses = {task: _loss(task, predicted, batch, weights).mean() for task, predicted in logits.items()}
    if len(losses) == 1:
        return losses, next(iter(losses.values()))
    return losses, torch.stack([weights.joint[task] * loss for task, loss in losses.items()]).sum()


def _loss(task: str, logits: Tensor, batch: WindowBatch, weights: LossWeights) -> Tensor:
    """Return the loss per frame, (B T,); types by cross entropy over all classes, as ST-MTL's released code has it."""
    if task == SALIENCY:
        return saliency_loss(logits, batch.saliency.flatten(0, 1), weights.sinkhorn)
    target = batch.types.flatten(0, 1)
    logits = F.interpolate(logits.float(), target.shape[-2:], mode='bilinear', align_corners=False)
    return cross_entropy(logits.log_softmax(1), target)
