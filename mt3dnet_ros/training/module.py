"""The Lightning module: one network, its averaged twin, and the losses between."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.targets import boxes_from_instances, detection_targets
from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.models.heads import DETECTION_STRIDE
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.training.augmentation.augment import Batch
from mt3dnet_ros.training.losses.tasks import (
    FrameLosses,
    Labels,
    component_means,
    frame_losses,
    labelled,
    start_scores,
    task_losses,
)
from mt3dnet_ros.training.monitoring.scores import Score

from .balancing import AdversarialWeights, DynamicWeightAverage, FixedWeights, UncertaintyWeights
from .frozen import freeze_encoder, hold_still
from .optimisation import build_optimizer, update_average, warm_up_cosine
from .recipe import Recipe
from .recipe_module import RecipeModule
from .samples import step_seed
from .starting_weights import Misfit, between, find_checkpoint, set_starting_weights
from .sync_norm import synchronise_batch_norm
from .teacher import FeatureTeacher, watched

with needs_extra('train'):
    from lightning.pytorch.utilities import rank_zero_info

CHECKPOINT_NAME = 'mt3dnet.safetensors'
_EPSILON = 1e-6


class TrainingModule(RecipeModule):
    """Train the network; validate and export the running average of its weights."""

    recipe: Recipe

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.network = MT3DNet(recipe.network())
        if not recipe.resume:
            _tell(set_starting_weights(self.network, recipe), recipe.initial)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        if recipe.synchronise_batch_norm:
            synchronise_batch_norm(self.network)
        freeze_encoder(self.network.encoder, recipe)
        self.teacher = (
            FeatureTeacher(self.network.encoder.channels, recipe.teacher, self.network.config)
            if recipe.teacher
            else None
        )
        self.balancing = build_balancing(recipe)
        self.loss_settings = recipe.losses()

    def train(self, mode: bool = True) -> TrainingModule:
        """Switch the network's mode; the average and what is frozen always evaluate."""
        super().train(mode)
        self.average.eval()
        hold_still(self.network.encoder, self.recipe)
        return self

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """Return the balanced sum of the tasks' losses."""
        # What a step draws follows from its number, so that a resumed run goes on as one that was not killed.
        torch.manual_seed(step_seed(self.recipe.seed, self.global_step, self.global_rank))
        labels = self.labels(batch)
        with watched(self.network.encoder) as maps:
            prediction = self.network(batch.images)
        losses = frame_losses(prediction, labels, self.loss_settings)
        components = self._over_all_frames(losses, labelled(labels, losses))
        tasks = task_losses(components, self.loss_settings.factors, self.recipe.tasks)
        self.balancing.observe(self._over_processes(tasks))
        total = self.balancing(tasks)
        if self.teacher is not None:
            distance = self.teacher(batch.images, maps)
            total = total + self.recipe.teacher_factor * distance
            self.log('component_features', distance.detach())
        self._log_losses(total, tasks, components)
        return total

    def labels(self, batch: Batch) -> Labels:
        """Return what the network should say about a batch."""
        size = batch.images.shape[-2], batch.images.shape[-1]
        stride = size[0] // batch.types.shape[-2]
        located = (batch.instances != IGNORED).flatten(1).any(1)
        instances = batch.instances * located[:, None, None]
        types = batch.types.where(batch.types != IGNORED, 0).to(torch.uint8)
        boxes = boxes_from_instances(instances, types, stride)
        targets = detection_targets(boxes, size, DETECTION_STRIDE, len(self.network.config.classes) - 1)
        return Labels(batch.types, batch.parts, batch.depth, targets, located, known=batch.known)

    def optimizer_step(self, *arguments: Any, **options: Any) -> None:
        """Follow the optimiser's step with the average, at once: callbacks keep the state before later hooks run."""
        super().optimizer_step(*arguments, **options)
        update_average(self.average, self.network, self.recipe.ema_decay, self.global_step)

    def validation_step(self, batch: Batch, index: int) -> None:
        """Score the averaged network."""
        prediction: Prediction = self.average(batch.images)
        for score in self._scores:
            score.add(prediction, batch)

    def start_scores(self) -> Sequence[Score]:
        """Return the scores of the network's outputs."""
        return start_scores(self.network.config)

    @property
    def exported(self) -> MT3DNet:
        """The averaged network, as near to the initial one as the recipe says."""
        recipe = self.recipe
        if not (recipe.initial and recipe.initial_share):
            return self.average
        return between(self.average, load_checkpoint(find_checkpoint(recipe.initial)), recipe.initial_share)

    @property
    def checkpoint(self) -> Path:
        """One file, which each export replaces."""
        return Path(self.recipe.output) / CHECKPOINT_NAME

    def configure_gradient_clipping(self, optimizer: Any, *arguments: Any, **options: Any) -> None:
        """Clip here: Lightning refuses to beside a fused optimiser, whose gradients it may not have unscaled yet."""
        if self.recipe.gradient_clip:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.gradient_clip, foreach=True)

    def configure_optimizers(self) -> Any:
        """Return the recipe's optimiser and its schedule per step."""
        optimizer = build_optimizer(self.network, self.recipe)
        if self.teacher is not None:
            adapters = list(self.teacher.adapters.parameters())
            optimizer.add_param_group({'params': adapters, 'weight_decay': self.recipe.weight_decay})
        if learned := list(self.balancing.parameters()):
            optimizer.add_param_group({'params': learned, 'weight_decay': 0.0})
        schedule = warm_up_cosine(optimizer, self.recipe)
        return {'optimizer': optimizer, 'lr_scheduler': {'scheduler': schedule, 'interval': 'step'}}

    def _over_all_frames(self, losses: FrameLosses, present: FrameLosses) -> dict[str, Tensor]:
        """Return components whose mean over the processes is that over all of the step's labelled frames."""
        counts = torch.stack([weight.sum() for weight in present.values()])
        share = counts / self._over_processes(counts).clamp(min=_EPSILON)
        means = component_means(losses, present)
        return {name: mean * part for (name, mean), part in zip(means.items(), share, strict=True)}

    def _over_processes(self, values: Tensor) -> Tensor:
        """Return the detached mean over all processes."""
        if self.recipe.world_size == 1:
            return values.detach()
        return self.trainer.strategy.reduce(values.detach().clone(), reduce_op='mean')  # it works in place

    def _log_losses(self, total: Tensor, tasks: Tensor, components: Mapping[str, Tensor]) -> None:
        self.log('loss', total.detach(), prog_bar=True)
        for task, loss, weight in zip(self.recipe.tasks, tasks.detach(), self.balancing.weights, strict=True):
            self.log(f'loss_{task}', loss, prog_bar=True)
            self.log(f'weight_{task}', weight)
        self.log_dict({f'component_{name}': loss.detach() for name, loss in components.items()})


def _tell(misfit: Misfit, initial: str) -> None:
    if misfit.fresh:
        text = f'{initial} does not fit {len(misfit.fresh)} weights, which start from random values'
        rank_zero_info(f'{text}: {misfit.fresh[:4]} ...')
    if misfit.left_out:
        modules = sorted({name.split('.')[0] for name in misfit.left_out})
        rank_zero_info(f'of {initial} these are not trained here, and left out: {", ".join(modules)}')


def build_balancing(recipe: Recipe) -> FixedWeights:
    """Return how a recipe weighs its tasks."""
    tasks = len(recipe.tasks)
    if recipe.balancing == 'adversarial':
        return AdversarialWeights(
            tasks, recipe.balance_rate, recipe.balance_floor, recipe.adversary, recipe.balance_reference,
            recipe.balance_goals,
        )  # fmt: skip
    if recipe.balancing == 'uncertainty':
        return UncertaintyWeights(tasks)
    if recipe.balancing == 'dynamic':
        return DynamicWeightAverage(tasks, recipe.balance_period)
    return FixedWeights(recipe.task_weights or [1.0] * tasks)
