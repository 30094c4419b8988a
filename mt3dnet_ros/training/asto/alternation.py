"""Steps of a stage: update after update, each with gradients and an optimiser state of its own parts alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam

from .learners import Learner
from .losses import LossWeights, weighted_losses
from .stages import Update
from .window_transform import WindowBatch


class Alternation:
    """The updates of a stage, and an Adam (Kingma and Ba 2015) per part that they train.

    :param over_time: whether the temporal cells take part
    :param weight_decay: of Adam
    :param gradient_clip: largest norm of each part's gradient; 0 for none
    :param low_precision: compute in bfloat16 where autocast does
    """

    def __init__(
        self, learner: Learner, updates: Sequence[Update], losses: LossWeights, over_time: bool = False,
        weight_decay: float = 0.0, gradient_clip: float = 0.0, low_precision: bool = False,
    ) -> None:  # fmt: skip
        self.learner, self.updates, self.losses, self.over_time = learner, updates, losses, over_time
        self.gradient_clip, self.low_precision = gradient_clip, low_precision
        parts = dict.fromkeys(part for update in updates for part in update.parts)
        self.optimizers = {part: Adam(learner.parameters([part]), weight_decay=weight_decay) for part in parts}

    def step(self, batch: WindowBatch, rate: float) -> dict[str, float]:
        """Make all updates once, each on what those before it have changed; return the loss of each task.

        :param rate: the learning rate
        """
        losses: dict[str, Tensor] = {}
        for update in self.updates:
            losses |= self.update(update, batch, rate)
        return {task: loss.item() for task, loss in losses.items()}

    def update(self, update: Update, batch: WindowBatch, rate: float) -> dict[str, Tensor]:
        """Move the update's parts against the gradient of its losses, which are returned; nothing else changes."""
        self.learner.train_only(update.parts)
        with torch.autocast(batch.images.device.type, torch.bfloat16, enabled=self.low_precision):
            logits = self.learner.logits(batch.images, update.tasks, self.over_time)
        losses, total = weighted_losses(logits, batch, self.losses)
        total.backward()
        for part in update.parts:
            self._follow(part, rate)
        return {task: loss.detach() for task, loss in losses.items()}

    def _follow(self, part: str, rate: float) -> None:
        optimizer = self.optimizers[part]
        if self.gradient_clip:
            torch.nn.utils.clip_grad_norm_(self.learner.parameters([part]), self.gradient_clip)
        for group in optimizer.param_groups:
            group['lr'] = rate
        optimizer.step()
        optimizer.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of each part's optimiser."""
        return {part: optimizer.state_dict() for part, optimizer in self.optimizers.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state_dict`."""
        for part, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state[part])
