"""How each task of ``tasks.py`` is computed: its modules, and how they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import Tensor, nn

from .config import MT3DNetConfig
from .heads import DepthHead, DetectionHead, SceneScale, SegmentationHead, ViewHead
from .saliency_branch import SaliencyBranch
from .state import ConvLSTMState
from .tasks import DEPTH, DETECTION, SALIENCY, SEGMENTATION, TASKS, VIEW, Task


class Features(NamedTuple):
    """What tasks read, of B sequences of T consecutive frames, sequence by sequence.

    :param maps: of the encoder at the strides 4, 8, 16 and 32, each (B T, C, h, w)
    :param fine: (B T, C, H/4, W/4) of the decoder (and ``coarse``, (B T, C, H/8, W/8))
    :param length: T; 1 for single frames
    :param state: of the frames before the first; None where there are none
    """

    maps: Sequence[Tensor]
    fine: Tensor
    coarse: Tensor
    length: int
    state: ConvLSTMState | None


class Widths(NamedTuple):
    """Channels of each of the encoder's maps, finest first, and of both of the decoder's."""

    encoder: Sequence[int]
    decoder: int


@dataclass(frozen=True)
class TaskModules:
    """A task's part of the network.

    :param build: what builds each of its modules, by the name that the module has in the network and in checkpoints;
        None where a configuration goes without it
    :param run: from the network, which has the modules as attributes, and the features to ``Prediction``'s fields
    """

    build: Mapping[str, Callable[[MT3DNetConfig, Widths], nn.Module | None]]
    run: Callable[[Any, Features], dict[str, Any]]


def _segment(network: Any, features: Features) -> dict[str, Any]:
    return {'types': network.types(features.fine), 'parts': network.parts(features.fine)}


def _measure_depth(network: Any, features: Features) -> dict[str, Any]:
    scale = None if network.scene_scale is None else network.scene_scale(features.maps)
    return {'depth': network.depth(features.fine, scale)}


def _detect(network: Any, features: Features) -> dict[str, Any]:
    heat, boxes = network.detection(features.coarse)
    return {'heat': heat, 'boxes': boxes}


def _attend(network: Any, features: Features) -> dict[str, Any]:
    saliency, state = network.saliency(features.maps[2:], features.fine, features.length, features.state)
    return {'saliency': saliency, 'state': state}


_MODULES = {
    SEGMENTATION: TaskModules(
        {
            'types': lambda config, widths: SegmentationHead(widths.decoder, len(config.classes)),
            'parts': lambda config, widths: SegmentationHead(widths.decoder, len(config.parts)),
        },
        _segment,
    ),
    DEPTH: TaskModules(
        {
            'depth': lambda config, widths: DepthHead(widths.decoder, config.depth_range),
            'scene_scale': lambda config, widths: SceneScale(widths.encoder) if config.scene_scale else None,
        },
        _measure_depth,
    ),
    DETECTION: TaskModules(
        {'detection': lambda config, widths: DetectionHead(widths.decoder, len(config.classes) - 1)}, _detect
    ),
    SALIENCY: TaskModules(
        {'saliency': lambda config, widths: SaliencyBranch(widths.encoder[2:], widths.decoder)}, _attend
    ),
    VIEW: TaskModules(
        {'view': lambda config, widths: ViewHead(widths.encoder)},
        lambda network, features: {'view': network.view(features.maps)},
    ),
}
TASK_MODULES: Mapping[Task, TaskModules] = {task: _MODULES[task] for task in TASKS.values()}
"""The modules of every task, in the order in which networks are built."""
