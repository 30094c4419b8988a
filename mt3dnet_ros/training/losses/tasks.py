"""The table of losses: what each output of the network costs, when, and how it is scored.

Outputs and the tasks that they belong to are those of ``models/tasks.py``; a component of a task's loss has the name of
its output. Recipes, logs and validations are derived from this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.targets import DetectionTargets
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import OUTPUTS, Prediction, outputs_of
from mt3dnet_ros.models.tasks import TASKS as NETWORK_TASKS
from mt3dnet_ros.training.monitoring.scores import DepthScore, PartsScore, SaliencyScore, Score, TypesScore, ViewScore

from .depth import depth_loss
from .detection import giou_loss, heat_loss, quality_heat_loss
from .saliency import SINKHORN_WEIGHT, saliency_loss
from .segmentation import segmentation_loss
from .view import view_loss

DETECTION_LOSSES = ('penalty_reduced', 'quality')

FrameLosses = Mapping[str, Tensor]
"""A value per frame, (B,), of each component."""


class Labels(NamedTuple):
    """What a batch should come out as.

    :param types: (B, H', W') int64, at any resolution not below the logits'; 255 is ignored
    :param parts: (B, H', W') int64, 255 is ignored
    :param depth: (B, 1, H', W') metres at the canonical focal length, 0 where unknown
    :param detection: on the detection grid
    :param located: (B,) bool, whether the frame's instruments are told apart, so that it says something on detection
    :param saliency: (B, 1, H', W') in [0, 1]; None where no frame has it
    :param known: (B,) float32, 1 for the view of a scene, 0 for a picture that shows none; None where it is not said
    """

    types: Tensor
    parts: Tensor
    depth: Tensor
    detection: DetectionTargets
    located: Tensor
    saliency: Tensor | None = None
    known: Tensor | None = None


@dataclass(frozen=True)
class LossSettings:
    """How components are computed and added up within their task.

    :param factors: of each component in its task
    :param detection: what the heat means, of ``DETECTION_LOSSES``
    :param class_weights: of the types' cross entropy, one per class; empty weighs all alike
    :param sinkhorn: of the transport cost in the saliency loss; 0 leaves it out
    """

    factors: Mapping[str, float] = field(
        default_factory=lambda: {name: component.factor for name, component in COMPONENTS.items()}
    )
    detection: str = 'penalty_reduced'
    class_weights: tuple[float, ...] = ()
    sinkhorn: float = SINKHORN_WEIGHT


@dataclass(frozen=True)
class Component:
    """What one output of the network costs.

    :param loss: of every frame, (B,), by what is predicted (``Prediction``, or anything with the output as an
        attribute) and what should be (``Labels`` likewise); near 0 for a perfect prediction
    :param labelled: whether each frame says something on it, (B,) bool
    :param factor: by which it counts in its task, unless a recipe says otherwise
    :param score: what a validation counts, for a network of a configuration; None for nothing
    """

    loss: Callable[[Any, Any, LossSettings], Tensor]
    labelled: Callable[[Labels], Tensor]
    factor: float = 1.0
    score: Callable[[Any], Score] | None = None


def _types_loss(prediction: Prediction, labels: Labels, settings: LossSettings) -> Tensor:
    weights = prediction.types.new_tensor(settings.class_weights).float() if settings.class_weights else None
    return segmentation_loss(prediction.types, labels.types, weights)


def _parts_loss(prediction: Prediction, labels: Labels, settings: LossSettings) -> Tensor:
    return segmentation_loss(prediction.parts, labels.parts)


def _heat_loss(prediction: Prediction, labels: Labels, settings: LossSettings) -> Tensor:
    if settings.detection == 'quality':
        return quality_heat_loss(prediction.heat, prediction.boxes, labels.detection)
    return heat_loss(prediction.heat, labels.detection.heat)


def _boxes_loss(prediction: Prediction, labels: Labels, settings: LossSettings) -> Tensor:
    return giou_loss(prediction.boxes, labels.detection.boxes, labels.detection.weights)


def _depth_loss(prediction: Prediction, labels: Labels, settings: LossSettings) -> Tensor:
    return depth_loss(prediction.depth, labels.depth)


def _saliency_loss(prediction: Prediction, labels: Labels, settings: LossSettings) -> Tensor:
    if prediction.saliency is None or labels.saliency is None:
        raise InputError('the saliency loss needs a network with saliency, and frames with saliency maps')
    return saliency_loss(prediction.saliency, labels.saliency, settings.sinkhorn)


def _view_loss(prediction: Prediction, labels: Labels, settings: LossSettings) -> Tensor:
    if prediction.view is None or labels.known is None:
        raise InputError('the view loss needs a network with a view head, and batches that say which images are views')
    return view_loss(prediction.view, labels.known)


def _shows(labels: Tensor) -> Tensor:
    return (labels != IGNORED).flatten(1).any(1)


def _has_saliency(labels: Labels) -> Tensor:
    return torch.full_like(labels.located, labels.saliency is not None)


def _tells_views(labels: Labels) -> Tensor:
    return torch.full_like(labels.located, labels.known is not None)


COMPONENTS: Mapping[str, Component] = {
    'types': Component(_types_loss, lambda labels: _shows(labels.types), score=TypesScore),
    'parts': Component(_parts_loss, lambda labels: _shows(labels.parts), score=PartsScore),
    'heat': Component(_heat_loss, lambda labels: labels.located, factor=0.2),
    'boxes': Component(
        _boxes_loss, lambda labels: labels.located & (labels.detection.weights > 0).flatten(1).any(1), factor=0.3
    ),
    'depth': Component(
        _depth_loss, lambda labels: (labels.depth > 0).flatten(1).any(1), score=lambda config: DepthScore()
    ),
    'saliency': Component(_saliency_loss, _has_saliency, score=lambda config: SaliencyScore()),
    'view': Component(_view_loss, _tells_views, score=lambda config: ViewScore()),
}
"""The components of all tasks, by the names of their outputs, in the order in which recipes and logs have them."""


def _components_by_task() -> dict[str, tuple[str, ...]]:
    names = dict.fromkeys(OUTPUTS[name].task.name for name in COMPONENTS)
    return {task: tuple(name for name in COMPONENTS if OUTPUTS[name].task.name == task) for task in names}


TASKS: Mapping[str, tuple[str, ...]] = _components_by_task()
"""The tasks whose losses are balanced, and the components of each."""

FRAME_TASKS = tuple(name for name in TASKS if not NETWORK_TASKS[name].over_time)
"""The tasks that can be learned from single frames."""

DEFAULT_TASKS = tuple(name for name in FRAME_TASKS if not NETWORK_TASKS[name].flag)
"""The tasks that every network has."""


def start_scores(config: MT3DNetConfig) -> list[Score]:
    """Return what counts, over a validation, how well a network of a configuration does."""
    outputs = outputs_of(config)
    return [made.score(config) for name, made in COMPONENTS.items() if made.score is not None and name in outputs]


def frame_losses(prediction: Prediction, labels: Labels, settings: LossSettings) -> FrameLosses:
    """Return the losses of all outputs that the network has."""
    given = prediction.outputs()
    return {name: made.loss(prediction, labels, settings) for name, made in COMPONENTS.items() if name in given}


def labelled(labels: Labels, components: Iterable[str] = COMPONENTS) -> FrameLosses:
    """Return which frames say something on some components, (B,) of 0 and 1 each."""
    return {name: COMPONENTS[name].labelled(labels).float() for name in components}


def component_means(losses: FrameLosses, present: FrameLosses) -> dict[str, Tensor]:
    """Return each component's mean over the frames that say something on it; 0 where none does."""
    return {name: (loss * present[name]).sum() / present[name].sum().clamp(min=1.0) for name, loss in losses.items()}


def task_losses(components: Mapping[str, Tensor], factors: Mapping[str, float], tasks: tuple[str, ...]) -> Tensor:
    """Return the loss of each task, (K,)."""
    return torch.stack([sum_of(components, factors, TASKS[task]) for task in tasks])


def sum_of(components: Mapping[str, Tensor], factors: Mapping[str, float], names: tuple[str, ...]) -> Tensor:
    """Return the weighted sum of some components."""
    return torch.stack([factors[name] * components[name] for name in names]).sum()
