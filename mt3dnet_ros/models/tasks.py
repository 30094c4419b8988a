"""The table of the network's tasks: the modules of each, and what its outputs are.

``Prediction`` is the table of outputs. Whatever lists outputs elsewhere (back ends, exports and their description,
losses, tests) is derived from it. ``docs/extend/new_head.md`` adds a task, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, get_type_hints

from torch import Tensor, nn

from .config import MT3DNetConfig
from .conv_lstm import ConvLSTMState
from .decoders import COARSE_STRIDE, FINE_STRIDE
from .heads import DepthHead, DetectionHead, SceneScale, SegmentationHead
from .saliency_branch import SaliencyBranch

NEXT = 'next_'  # before the name of a state's tensor: its value for the frame after


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


@dataclass(frozen=True, eq=False)
class Task:
    """Something that the network is asked about every frame.

    :param modules: what builds each of its modules, by the name that the module has in the network and in checkpoints;
        None where a configuration goes without it
    :param run: from the network, which has the modules as attributes, and the features to ``Prediction``'s fields
    :param flag: the switch in ``MT3DNetConfig`` that gives a network this task; empty where every network has it
    :param over_time: whether it reads and gives ``Prediction.state``, and so remembers the frames before
    """

    name: str
    modules: Mapping[str, Callable[[MT3DNetConfig, Widths], nn.Module | None]]
    run: Callable[[Any, Features], dict[str, Any]]
    flag: str = ''
    over_time: bool = False

    def belongs_to(self, config: MT3DNetConfig) -> bool:
        """Return whether a network of this configuration has the task."""
        return not self.flag or bool(getattr(config, self.flag))


@dataclass(frozen=True)
class TaskOutput:
    """One tensor of a prediction, (B, channels, H / stride, W / stride) for images of H x W pixels.

    :param channels: for a configuration
    :param meaning: of its values, for whoever uses an exported network
    """

    task: Task
    stride: int
    channels: Callable[[MT3DNetConfig], int]
    meaning: str

    def shape(self, config: MT3DNetConfig, size: tuple[int, int]) -> tuple[int, int, int]:
        """Return channels, height and width for images of a height and width."""
        height, width = size
        return self.channels(config), height // self.stride, width // self.stride


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


SEGMENTATION = Task(
    'segmentation',
    {
        'types': lambda config, widths: SegmentationHead(widths.decoder, len(config.classes)),
        'parts': lambda config, widths: SegmentationHead(widths.decoder, len(config.parts)),
    },
    _segment,
)
DEPTH = Task(
    'depth',
    {
        'depth': lambda config, widths: DepthHead(widths.decoder, config.depth_range),
        'scene_scale': lambda config, widths: SceneScale(widths.encoder) if config.scene_scale else None,
    },
    _measure_depth,
)
DETECTION = Task(
    'detection',
    {'detection': lambda config, widths: DetectionHead(widths.decoder, len(config.classes) - 1)},
    _detect,
)
SALIENCY = Task(
    'saliency',
    {'saliency': lambda config, widths: SaliencyBranch(widths.encoder[2:], widths.decoder)},
    _attend,
    flag='saliency',
    over_time=True,
)


class Prediction(NamedTuple):
    """What the network says about a batch of images; each field is annotated with what it is.

    Outputs of tasks that the network does not have are None. Those of sequences have a dimension T after the batch.

    :param state: what a network with saliency is to be given with the next frame; it has no dimension T
    """

    types: Annotated[
        Tensor,
        TaskOutput(
            SEGMENTATION,
            FINE_STRIDE,
            lambda config: len(config.classes),
            'logits of the classes, background first; softmax over axis 1 gives probabilities',
        ),
    ]
    parts: Annotated[
        Tensor,
        TaskOutput(
            SEGMENTATION,
            FINE_STRIDE,
            lambda config: len(config.parts),
            'logits of the parts, background first; softmax over axis 1 gives probabilities',
        ),
    ]
    depth: Annotated[
        Tensor,
        TaskOutput(
            DEPTH,
            FINE_STRIDE,
            lambda config: 1,
            'metres along the optical axis for a camera of the canonical focal length; multiply by f / '
            'canonical_focal, f being the focal length in pixels of the scaled picture',
        ),
    ]
    heat: Annotated[
        Tensor,
        TaskOutput(
            DETECTION,
            COARSE_STRIDE,
            lambda config: len(config.classes) - 1,
            'logits of object peaks, channel c for class c + 1; the sigmoid of a local maximum is a score',
        ),
    ]
    boxes: Annotated[
        Tensor,
        TaskOutput(
            DETECTION,
            COARSE_STRIDE,
            lambda config: 4,
            'distances in pixels from the point of a cell to the left, top, right and bottom edge of its object; cell '
            f'(row i, column j) has its point at x = {COARSE_STRIDE} j + {(COARSE_STRIDE - 1) / 2}, '
            f'y = {COARSE_STRIDE} i + {(COARSE_STRIDE - 1) / 2}; pixel k covers k - 0.5 to k + 0.5',
        ),
    ]
    saliency: Annotated[
        Tensor | None,
        TaskOutput(
            SALIENCY,
            FINE_STRIDE,
            lambda config: 1,
            'logits of how much a surgeon would look there; the sigmoid is between 0 and 1',
        ),
    ] = None
    state: ConvLSTMState | None = None

    def outputs(self) -> dict[str, Tensor]:
        """Return the outputs that the network has, by name; the state is not among them."""
        return {name: value for name in OUTPUTS if (value := getattr(self, name)) is not None}

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Prediction:
        """Return the prediction with every output changed; the state stays."""
        return Prediction(**{name: change(value) for name, value in self.outputs().items()}, state=self.state)

    def named_tensors(self) -> dict[str, Tensor]:
        """Return the outputs and the state's tensors, as ``next_...``, in the order in which run times give them."""
        state = {} if self.state is None else self.state._asdict()
        return self.outputs() | {f'{NEXT}{name}': tensor for name, tensor in state.items()}

    @staticmethod
    def from_named_tensors(tensors: Mapping[str, Tensor]) -> Prediction:
        """Return the prediction that gives these :meth:`named_tensors`."""
        outputs: dict[str, Any] = {name: tensors.get(name) for name in OUTPUTS}
        state = [tensors[name] for field in ConvLSTMState._fields if (name := f'{NEXT}{field}') in tensors]
        return Prediction(**outputs, state=ConvLSTMState(*state) if state else None)


OUTPUTS: Mapping[str, TaskOutput] = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(Prediction, include_extras=True).items()
    if hasattr(hint, '__metadata__')
}
"""Every output of every task by its name, in the order of ``Prediction``."""

TASKS: Mapping[str, Task] = {output.task.name: output.task for output in OUTPUTS.values()}
"""Every task by its name, in the order in which networks are built."""


def tasks_of(config: MT3DNetConfig) -> list[Task]:
    """Return the tasks of a network of this configuration."""
    return [task for task in TASKS.values() if task.belongs_to(config)]


def switches(tasks: Iterable[str]) -> dict[str, Any]:
    """Return the fields of ``MT3DNetConfig`` that give a network some tasks, by the tasks' names."""
    return {flag: True for name in tasks if (flag := TASKS[name].flag)}


def remembers(config: MT3DNetConfig) -> bool:
    """Return whether a network of this configuration has a state that goes from frame to frame."""
    return any(task.over_time for task in tasks_of(config))


def outputs_of(config: MT3DNetConfig) -> dict[str, TaskOutput]:
    """Return the outputs of a network of this configuration by name."""
    return {name: output for name, output in OUTPUTS.items() if output.task.belongs_to(config)}
