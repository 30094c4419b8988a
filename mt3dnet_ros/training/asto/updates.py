"""An update of ASTO: gradients of its own losses for its own parts of the network, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim import Adam

from mt3dnet_ros.training.losses.tasks import LossSettings

from .learners import Learner
from .losses import mean_loss, sum_losses
from .stages import SALIENCY, SEGMENTATION, Update
from .window_transform import WindowBatch


@dataclass(frozen=True)
class UpdateSettings:
    """How gradients are computed.

    :param losses: how the losses of the tasks are computed
    :param joint: weight of each task, where one update sums the losses of several
    :param gradient_clip: largest norm of each part's gradient; 0 for none
    :param low_precision: predict in bfloat16 where autocast does; losses and what flows back stay in single precision
    """

    losses: LossSettings = field(default_factory=LossSettings)
    joint: Mapping[str, float] = field(default_factory=lambda: {SEGMENTATION: 0.5, SALIENCY: 0.5})
    gradient_clip: float = 0.0
    low_precision: bool = False


def put_gradients(
    learner: Learner,
    update: Update,
    batch: WindowBatch,
    over_time: bool,
    settings: UpdateSettings,
    backward: Callable[[Tensor], None] = Tensor.backward,
) -> dict[str, Tensor]:
    """Put the gradients of an update into its parts, which are trained from now on, as all others are not.

    :param over_time: whether the temporal cells take part
    :param backward: what sends the gradients of the sum back
    :returns: the loss of each of the update's tasks, detached
    """
    learner.train_only(update.parts)
    with torch.autocast(batch.images.device.type, torch.bfloat16, enabled=settings.low_precision):
        logits = learner.logits(batch.images, update.tasks, over_time)
    frames = batch.frames()
    losses = {task: mean_loss(task, said, frames, settings.losses) for task, said in logits.items()}
    backward(sum_losses(losses, settings.joint))
    if settings.gradient_clip:
        for part in update.parts:
            clip_grad_norm_(learner.parameters([part]), settings.gradient_clip)
    return {task: loss.detach() for task, loss in losses.items()}


def build_adam(learner: Learner, weight_decay: float) -> Adam:
    """Return an Adam (Kingma and Ba 2015) of all parts.

    It moves weights that have gradients and leaves all others and their moments as they are, so that it is to each part
    an optimiser of its own.
    """
    return Adam([{'params': learner.parameters([part])} for part in learner.parts], weight_decay=weight_decay)
