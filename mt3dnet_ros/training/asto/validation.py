"""Scores on windows that were not trained on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import torch

from mt3dnet_ros.training.monitoring.scores import DiceScore

from .learners import Learner
from .losses import LossWeights, weighted_losses
from .stages import SEGMENTATION
from .window_transform import WindowBatch


@torch.no_grad()
def validate(
    learner: Learner, batches: Iterable[WindowBatch], tasks: Collection[str], over_time: bool, weights: LossWeights,
    device: torch.device,
) -> dict[str, float]:  # fmt: skip
    """Return the mean loss of each task per frame and, of segmentation, the mean Dice of the types shown.

    :param over_time: whether the temporal cells take part
    :returns: ``val_<task>`` and ``types_dice``; nothing where there are no batches
    """
    learner.train_only(())
    sums, frames = dict.fromkeys(tasks, 0.0), 0
    dice = DiceScore(len(learner.network.config.classes))
    for batch in batches:
        batch = batch.to(device)
        logits = learner.logits(batch.images, tasks, over_time)
        count = batch.images.shape[0] * batch.images.shape[1]
        for task, loss in weighted_losses(logits, batch, weights)[0].items():
            sums[task] += count * loss.item()
        if SEGMENTATION in tasks:
            dice.update(logits[SEGMENTATION].argmax(1), batch.types.flatten(0, 1))
        frames += count
    scores = {f'val_{task}': total / frames for task, total in sums.items() if frames}
    return scores | ({'types_dice': dice.macro()} if frames and SEGMENTATION in tasks else {})
