"""What a validation of ASTO measures: the mean loss of each task, and the scores that its output has in the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL
from mt3dnet_ros.training.losses.tasks import COMPONENTS, LossSettings
from mt3dnet_ros.training.monitoring.scores import Score

from .losses import OUTPUTS, mean_loss
from .window_transform import WindowBatch


class LossScore:
    """The mean loss of a task over all frames.

    :param settings: how the loss is computed
    """

    def __init__(self, task: str, settings: LossSettings) -> None:
        self.task, self.settings = task, settings
        self.counts = torch.zeros(2, dtype=torch.float64)

    def add(self, prediction: Any, frames: WindowBatch) -> None:
        """Count frames, one after the other, by the logits of the task's output."""
        loss = mean_loss(self.task, getattr(prediction, OUTPUTS[self.task]), frames, self.settings)
        self.counts += torch.tensor([len(frames.images) * loss.item(), len(frames.images)])

    def results(self) -> dict[str, float]:
        """Return the mean; NaN where there was no frame."""
        return {f'val_{self.task}': float(self.counts[0] / self.counts[1])}


def build_scores(tasks: Sequence[str], network: MT3DNet | STMTL, settings: LossSettings) -> list[Score]:
    """Return what counts how well a network does some tasks."""
    losses: list[Score] = [LossScore(task, settings) for task in tasks]
    made = (COMPONENTS[OUTPUTS[task]].score for task in tasks)
    return losses + [score(network.config) for score in made if score is not None]
