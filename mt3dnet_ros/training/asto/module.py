"""The Lightning module of ASTO: update after update, each with its own losses and parts of the network."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL
from mt3dnet_ros.training.monitoring.scores import Score
from mt3dnet_ros.training.recipe_module import RecipeModule
from mt3dnet_ros.training.sync_norm import synchronise_batch_norm

from .losses import OUTPUTS
from .networks import build_learner, describe_origin
from .recipe import AstoRecipe
from .scores import build_scores
from .stages import SALIENCY, SEGMENTATION, updates_of
from .updates import UpdateSettings, build_adam, put_gradients
from .window_transform import WindowBatch

_LAST_RATE = 0.01


class AstoModule(RecipeModule):
    """Train a network stage after stage; the optimiser of each part starts from zero in each stage.

    :raises RecipeError: a stage does not fit the network
    :raises CheckpointError: the initial checkpoint cannot be used
    :raises PretrainedError: the encoder's weights cannot be used
    """

    recipe: AstoRecipe

    def __init__(self, recipe: AstoRecipe) -> None:
        super().__init__(recipe)
        self.automatic_optimization = False
        self.learner = build_learner(recipe)
        self.network = self.learner.network
        self._initial = describe_origin(recipe.initial)
        self.updates = [updates_of(stage, self.learner.tasks, self.learner.parts) for stage in recipe.stages]
        if recipe.synchronise_batch_norm:
            synchronise_batch_norm(self.network)
        # Processes that train together share the gradients of what is trained when they meet.
        self.learner.train_only({part for stage in self.updates for update in stage for part in update.parts})
        joint = dict(zip((SEGMENTATION, SALIENCY), recipe.joint_weights, strict=True))
        low_precision = recipe.precision == 'bf16-mixed'
        self.settings = UpdateSettings(recipe.losses(), joint, recipe.gradient_clip, low_precision)

    def configure_optimizers(self) -> Adam:
        """Return the optimiser of all parts."""
        return build_adam(self.learner, self.recipe.weight_decay)

    def training_step(self, batch: WindowBatch, index: int) -> None:
        """Make all updates of the stage once, each on what those before it have changed."""
        stage, step = self.recipe.place(self.global_step)
        optimizer: Any = self.optimizers(use_pl_optimizer=False)
        if step == 0:
            optimizer.state.clear()
        for group in optimizer.param_groups:
            group['lr'] = self._rate(stage, step)
        losses: dict[str, Tensor] = {}
        for number, update in enumerate(self.updates[stage], 1):
            optimizer.zero_grad()
            over_time = self.recipe.stage(stage).over_time
            losses |= put_gradients(self.learner, update, batch, over_time, self.settings, self.manual_backward)
            # Lightning counts the steps that are made through its own optimiser: one for all updates.
            counted: Any = self.optimizers(use_pl_optimizer=number == len(self.updates[stage]))
            counted.step()
        self._log_losses(losses)

    def validation_step(self, batch: WindowBatch, index: int) -> None:
        """Score the network on windows that were not trained on."""
        stage = self._last_stage()
        logits = self.learner.logits(batch.images, self._tasks(stage), self.recipe.stage(stage).over_time)
        prediction = SimpleNamespace(**{OUTPUTS[task]: said for task, said in logits.items()})
        for score in self._scores:
            score.add(prediction, batch.frames())

    def start_scores(self) -> Sequence[Score]:
        """Return the scores of the tasks that the stage trains."""
        return build_scores(self._tasks(self._last_stage()), self.network, self.settings.losses)

    @property
    def exported(self) -> MT3DNet | STMTL:
        """The network that is trained."""
        return self.network

    @property
    def checkpoint(self) -> Path:
        """A file per stage; its number comes first, as a stage may be there twice."""
        stage = self._last_stage()
        return Path(self.recipe.output) / f'{stage + 1}_{self.recipe.stages[stage]}.safetensors'

    def progress(self) -> dict[str, str]:
        """Return the stage, and the steps of it that are done."""
        stage, step = self.recipe.place(max(0, self.global_step - 1))
        return {'stage': self.recipe.stages[stage], 'step': str(step + 1)}

    def origin(self) -> dict[str, str]:
        """Return what the initial checkpoint tells of itself."""
        return {'initial': json.dumps(self._initial)}

    def _log_losses(self, losses: Mapping[str, Tensor]) -> None:
        """Log the mean losses over all processes, past ``self.log``, which would go on with those of stages before."""
        self.log('loss', torch.stack(list(losses.values())).sum(), prog_bar=True, logger=False)
        if self.global_step % self.recipe.log_every:
            return
        means = {f'loss_{task}': self.trainer.strategy.reduce(loss, reduce_op='mean') for task, loss in losses.items()}
        for logger in self.loggers:
            logger.log_metrics({name: float(mean) for name, mean in means.items()}, self.global_step - 1)
            logger.save()

    def _rate(self, stage: int, step: int) -> float:
        recipe = self.recipe
        return recipe.learning_rate * recipe.stage(stage).rate * scheduled(recipe.schedule, step, recipe.steps[stage])

    def _tasks(self, stage: int) -> list[str]:
        return [task for update in self.updates[stage] for task in update.tasks]

    def _last_stage(self) -> int:
        """Return the stage of the last step that was done."""
        return self.recipe.place(max(0, self.global_step - 1)).stage


def scheduled(schedule: str, step: int, steps: int) -> float:
    """Return the factor of the learning rate at a step of a stage, from 0: 1, or down half a cosine to a hundredth."""
    if schedule == 'constant':
        return 1.0
    return _LAST_RATE + (1.0 - _LAST_RATE) * 0.5 * (1.0 + math.cos(math.pi * step / steps))
