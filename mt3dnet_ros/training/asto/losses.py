"""The loss of each task on windows of frames, which count alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import Tensor

from mt3dnet_ros.training.losses.segmentation import cross_entropy
from mt3dnet_ros.training.losses.tasks import COMPONENTS, LossSettings

from .stages import SALIENCY, SEGMENTATION
from .window_transform import WindowBatch

OUTPUTS: Mapping[str, str] = {SEGMENTATION: 'types', SALIENCY: 'saliency'}
"""The output of a network that its logits for a task are."""


def mean_loss(task: str, logits: Tensor, frames: WindowBatch, settings: LossSettings) -> Tensor:
    """Return the mean loss of a task.

    :param logits: (N, C, h, w)
    :param frames: N frames, one after the other
    """
    return _LOSSES[task](logits, frames, settings).mean()


def sum_losses(losses: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """Return what to minimise: the loss of one task as it is, or the weighted sum of several."""
    if len(losses) == 1:
        return next(iter(losses.values()))
    return torch.stack([weights[task] * loss for task, loss in losses.items()]).sum()


def _types_loss(logits: Tensor, frames: WindowBatch, settings: LossSettings) -> Tensor:
    """Return cross entropy over all classes, (N,), as ST-MTL's released code has it."""
    logits = F.interpolate(logits.float(), frames.types.shape[-2:], mode='bilinear', align_corners=False)
    return cross_entropy(logits.log_softmax(1), frames.types)


def _saliency_loss(logits: Tensor, frames: WindowBatch, settings: LossSettings) -> Tensor:
    return COMPONENTS[OUTPUTS[SALIENCY]].loss(SimpleNamespace(saliency=logits), frames, settings)


_LOSSES: Mapping[str, Callable[[Tensor, WindowBatch, LossSettings], Tensor]] = {
    SEGMENTATION: _types_loss,
    SALIENCY: _saliency_loss,
}
