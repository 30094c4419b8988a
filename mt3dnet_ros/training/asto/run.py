"""A run: stage after stage, validated, logged, exported and kept to go on from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from tqdm import tqdm

from mt3dnet_ros.perception.device import DeviceError, choose_device
from mt3dnet_ros.training.recipe_values import RecipeError
from mt3dnet_ros.training.samples import step_seed

from .alternation import Alternation
from .learners import Learner
from .losses import LossWeights
from .networks import build_learner, describe_origin, save_network
from .recipe import AstoRecipe
from .run_log import RunLog
from .run_state import Place, keep_state, read_state
from .stages import SALIENCY, SEGMENTATION, STAGES, updates_of
from .validation import validate
from .window_transform import WindowTransform
from .windows import StageData

STATE = 'last.ckpt'
_PATHS = ('data', 'initial', 'output', 'pretrained', 'resume', 'saliency')
_LAST_RATE = 0.01


class Run:
    """A run: its network, its log and how far it has come.

    :raises RecipeError: a stage does not fit the network, or the state to resume from cannot be used
    """

    def __init__(self, recipe: AstoRecipe) -> None:
        self.recipe, self.output = recipe, Path(recipe.output)
        self.device = _device(recipe.device)
        torch.manual_seed(recipe.seed)
        self.learner = build_learner(recipe)
        self.updates = [updates_of(stage, self.learner.tasks, self.learner.parts) for stage in recipe.stages]
        self.state = read_state(recipe)
        if self.state is not None:
            self.learner.network.load_state_dict(self.state['network'])
        self.learner.network.to(self.device)
        self.start = Place() if self.state is None else _next_place(Place(*self.state['place']), recipe.steps)
        self.origin = describe_origin(recipe.initial)
        self.log = RunLog(self.output, recipe.done_before(self.start.stage) + self.start.step)
        joint = dict(zip((SEGMENTATION, SALIENCY), recipe.joint_weights, strict=True))
        self.weights = LossWeights(recipe.sinkhorn_weight, joint)

    def run(self) -> Path:
        """Run the stages that are left, and return the path of the last one's checkpoint."""
        last = len(self.recipe.stages) - 1
        for number in range(self.start.stage, last + 1):
            self._run_stage(number)
        self.log.close()
        return self._checkpoint(last)

    def _run_stage(self, number: int) -> None:
        """Train a stage; validate, export and keep the state on the way and at its end."""
        recipe, name, steps = self.recipe, self.recipe.stages[number], self.recipe.steps[number]
        data = StageData(recipe, STAGES[name], _transform(recipe, self.learner))
        alternation = self._alternation(number)
        first = self._resume_stage(number, alternation)
        batches = data.train_loader(steps, step_seed(recipe.seed, number, 0), first)
        for step, batch in enumerate(tqdm(batches, name, initial=first, mininterval=5.0), first):
            losses = alternation.step(batch.to(self.device), self._rate(number, step))
            if (step + 1) % recipe.log_every == 0:
                named = {f'loss_{task}': loss for task, loss in losses.items()}
                self.log.write(named, recipe.done_before(number) + step)
            if (step + 1) % recipe.validate_every == 0 or step + 1 == steps:
                self._take_stock(Place(number, step + 1), alternation, data)

    def _alternation(self, number: int) -> Alternation:
        recipe, over_time = self.recipe, STAGES[self.recipe.stages[number]].over_time
        return Alternation(
            self.learner, self.updates[number], self.weights, over_time, recipe.weight_decay, recipe.gradient_clip,
            recipe.precision == 'bf16-mixed',
        )  # fmt: skip

    def _resume_stage(self, number: int, alternation: Alternation) -> int:
        """Return the steps of a stage that are done, with the optimisers as these steps left them."""
        if self.state is None or self.start.stage != number or self.start.step == 0:
            return 0
        alternation.load_state_dict(self.state['optimizers'])
        return self.start.step

    def _rate(self, number: int, step: int) -> float:
        recipe = self.recipe
        factor = scheduled(recipe.schedule, step, recipe.steps[number])
        return recipe.learning_rate * STAGES[recipe.stages[number]].rate * factor

    def _take_stock(self, place: Place, alternation: Alternation, data: StageData) -> None:
        """Validate, log, export, and keep the state, in this order: a kept state has log and checkpoint beside it."""
        name = self.recipe.stages[place.stage]
        tasks = [task for update in self.updates[place.stage] for task in update.tasks]
        scores = validate(self.learner, data.val_loader(), tasks, STAGES[name].over_time, self.weights, self.device)
        if scores:
            self.log.write(scores, self.recipe.done_before(place.stage) + place.step - 1)
            self.log.announce(name, place.step, scores)
        self.log.save()
        self._export(place, scores)
        keep_state(self.output / STATE, self.recipe, self.learner, alternation, place)

    def _export(self, place: Place, scores: Mapping[str, float]) -> None:
        recipe = {key: value for key, value in asdict(self.recipe).items() if key not in _PATHS}
        metadata = {
            'recipe': json.dumps(recipe),
            'stage': self.recipe.stages[place.stage],
            'step': str(place.step),
            'scores': json.dumps({key: round(value, 5) for key, value in scores.items()}),
            'initial': json.dumps(self.origin),
        }
        save_network(self._checkpoint(place.stage), self.learner.network, metadata)

    def _checkpoint(self, number: int) -> Path:
        """Return the path of a stage's checkpoint; its number comes first, as a stage may be there twice."""
        return self.output / f'{number + 1}_{self.recipe.stages[number]}.safetensors'


def _next_place(place: Place, steps: Sequence[int]) -> Place:
    """Return where a run goes on: in the next stage where one is over."""
    return Place(place.stage + 1) if place.step >= steps[place.stage] else place


def scheduled(schedule: str, step: int, steps: int) -> float:
    """Return the factor of the learning rate at a step of a stage, from 0: 1, or down half a cosine to a hundredth."""
    if schedule == 'constant':
        return 1.0
    return _LAST_RATE + (1.0 - _LAST_RATE) * 0.5 * (1.0 + math.cos(math.pi * step / steps))


def _transform(recipe: AstoRecipe, learner: Learner) -> WindowTransform:
    return WindowTransform(learner.network.config, recipe.views, recipe.zoom, recipe.appearance)


def _device(name: str) -> torch.device:
    try:
        return choose_device(name)
    except DeviceError as error:
        raise RecipeError(f"recipe key 'device': {error}") from error
