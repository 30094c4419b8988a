"""From a prediction and its labels to one loss per task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.targets import DetectionTargets
from mt3dnet_ros.models.tasks import Prediction

from .depth import depth_loss
from .detection import giou_loss, heat_loss, quality_heat_loss
from .segmentation import segmentation_loss

# The tasks that are balanced, and what each is made of.
TASKS: Mapping[str, tuple[str, ...]] = {
    'segmentation': ('types', 'parts'),
    'detection': ('heat', 'boxes'),
    'depth': ('depth',),
}
DETECTION_LOSSES = ('penalty_reduced', 'quality')


class Labels(NamedTuple):
    """What a batch should come out as.

    :param types: (B, H', W') int64, at any resolution not below the logits'; 255 is ignored
    :param parts: (B, H', W') int64, 255 is ignored
    :param depth: (B, 1, H', W') metres at the canonical focal length, 0 where unknown
    :param detection: on the detection grid
    :param located: (B,) bool, whether the frame's instruments are told apart, so that it says something on detection
    """

    types: Tensor
    parts: Tensor
    depth: Tensor
    detection: DetectionTargets
    located: Tensor


class FrameLosses(NamedTuple):
    """The components of the tasks, each (B,)."""

    types: Tensor
    parts: Tensor
    heat: Tensor
    boxes: Tensor
    depth: Tensor


@dataclass(frozen=True)
class LossSettings:
    """How components are computed and added up within their task.

    :param factors: of each component in its task
    :param detection: what the heat means, of ``DETECTION_LOSSES``
    :param class_weights: of the types' cross entropy, one per class; empty weighs all alike
    """

    factors: Mapping[str, float] = field(
        default_factory=lambda: {'types': 1.0, 'parts': 1.0, 'heat': 0.2, 'boxes': 0.3, 'depth': 1.0}
    )
    detection: str = 'penalty_reduced'
    class_weights: tuple[float, ...] = ()


def frame_losses(prediction: Prediction, labels: Labels, settings: LossSettings) -> FrameLosses:
    """Return every component's loss for every frame."""
    detection = labels.detection
    weights = prediction.types.new_tensor(settings.class_weights).float() if settings.class_weights else None
    if settings.detection == 'quality':
        heat = quality_heat_loss(prediction.heat, prediction.boxes, detection)
    else:
        heat = heat_loss(prediction.heat, detection.heat)
    return FrameLosses(
        types=segmentation_loss(prediction.types, labels.types, weights),
        parts=segmentation_loss(prediction.parts, labels.parts),
        heat=heat,
        boxes=giou_loss(prediction.boxes, detection.boxes, detection.weights),
        depth=depth_loss(prediction.depth, labels.depth),
    )


def labelled(labels: Labels) -> FrameLosses:
    """Return which frames say something on each component, (B,) of 0 and 1."""
    located = labels.located.float()
    return FrameLosses(
        types=(labels.types != IGNORED).any(-1).any(-1).float(),
        parts=(labels.parts != IGNORED).any(-1).any(-1).float(),
        heat=located,
        boxes=located * (labels.detection.weights > 0).any(-1).any(-1),
        depth=(labels.depth > 0).any(-1).any(-1).any(-1).float(),
    )


def component_means(losses: FrameLosses, present: FrameLosses) -> dict[str, Tensor]:
    """Return each component's mean over the frames that say something on it; 0 where none does."""
    return {
        name: (getattr(losses, name) * weight).sum() / weight.sum().clamp(min=1.0)
        for name, weight in present._asdict().items()
    }


def task_losses(components: Mapping[str, Tensor], factors: Mapping[str, float], tasks: tuple[str, ...]) -> Tensor:
    """Return the loss of each task, (K,)."""
    return torch.stack([sum_of(components, factors, TASKS[task]) for task in tasks])


def sum_of(components: Mapping[str, Tensor], factors: Mapping[str, float], names: tuple[str, ...]) -> Tensor:
    """Return the weighted sum of some components."""
    return torch.stack([factors[name] * components[name] for name in names]).sum()
