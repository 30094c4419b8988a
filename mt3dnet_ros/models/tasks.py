"""The table of the network's tasks: what its outputs are. How each is computed says ``task_modules.py``.

``Prediction`` is the table of outputs. Whatever lists outputs elsewhere (back ends, exports and their description,
losses, tests) is derived from it. ``docs/extend/new_head.md`` adds a task, step by step. Nothing here needs PyTorch,
so that a program that runs an exported network does not import it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, get_type_hints

from .config import MT3DNetConfig
from .grid import COARSE_STRIDE, FINE_STRIDE
from .state import ConvLSTMState

NEXT = 'next_'  # before the name of a state's tensor: its value for the frame after
Array = Any  # a tensor of PyTorch, or an array of NumPy: whatever the back end gives


@dataclass(frozen=True)
class Task:
    """Something that the network is asked about every frame.

    :param flag: the switch in ``MT3DNetConfig`` that gives a network this task; empty where every network has it
    :param over_time: whether it reads and gives ``Prediction.state``, and so remembers the frames before
    """

    name: str
    flag: str = ''
    over_time: bool = False

    def belongs_to(self, config: MT3DNetConfig) -> bool:
        """Return whether a network of this configuration has the task."""
        return not self.flag or bool(getattr(config, self.flag))


@dataclass(frozen=True)
class TaskOutput:
    """One tensor of a prediction, (B, channels, H / stride, W / stride) for images of H x W pixels.

    :param stride: in pixels of the network's input; None for one value per image and channel, (B, channels, 1, 1)
    :param channels: for a configuration
    :param meaning: of its values, for whoever uses an exported network
    """

    task: Task
    stride: int | None
    channels: Callable[[MT3DNetConfig], int]
    meaning: str

    def shape(self, config: MT3DNetConfig, size: tuple[int, int]) -> tuple[int, int, int]:
        """Return channels, height and width for images of a height and width."""
        height, width = (1 if self.stride is None else side // self.stride for side in size)
        return self.channels(config), height, width


SEGMENTATION = Task('segmentation')
DEPTH = Task('depth')
DETECTION = Task('detection')
SALIENCY = Task('saliency', flag='saliency', over_time=True)
VIEW = Task('view', flag='view')


class Prediction(NamedTuple):
    """What the network says about a batch of images; each field is annotated with what it is.

    Outputs of tasks that the network does not have are None. Those of sequences have a dimension T after the batch.

    :param state: what a network with saliency is to be given with the next frame; it has no dimension T
    """

    types: Annotated[
        Array,
        TaskOutput(
            SEGMENTATION,
            FINE_STRIDE,
            lambda config: len(config.classes),
            'logits of the classes, background first; softmax over axis 1 gives probabilities',
        ),
    ]
    parts: Annotated[
        Array,
        TaskOutput(
            SEGMENTATION,
            FINE_STRIDE,
            lambda config: len(config.parts),
            'logits of the parts, background first; softmax over axis 1 gives probabilities',
        ),
    ]
    depth: Annotated[
        Array,
        TaskOutput(
            DEPTH,
            FINE_STRIDE,
            lambda config: 1,
            'metres along the optical axis for a camera of the canonical focal length; multiply by f / '
            'canonical_focal, f being the focal length in pixels of the scaled picture',
        ),
    ]
    heat: Annotated[
        Array,
        TaskOutput(
            DETECTION,
            COARSE_STRIDE,
            lambda config: len(config.classes) - 1,
            'logits of object peaks, channel c for class c + 1; the sigmoid of a local maximum is a score',
        ),
    ]
    boxes: Annotated[
        Array,
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
        Array | None,
        TaskOutput(
            SALIENCY,
            FINE_STRIDE,
            lambda config: 1,
            'logits of how much a surgeon would look there; the sigmoid is between 0 and 1',
        ),
    ] = None
    view: Annotated[
        Array | None,
        TaskOutput(
            VIEW,
            None,
            lambda config: 1,
            'logit of whether the picture is a view that the network knows; where it is not, no other output counts',
        ),
    ] = None
    state: ConvLSTMState | None = None

    def outputs(self) -> dict[str, Array]:
        """Return the outputs that the network has, by name; the state is not among them."""
        return {name: value for name in OUTPUTS if (value := getattr(self, name)) is not None}

    def mapped(self, change: Callable[[Array], Array]) -> Prediction:
        """Return the prediction with every output changed; the state stays."""
        return Prediction(**{name: change(value) for name, value in self.outputs().items()}, state=self.state)

    def named_tensors(self) -> dict[str, Array]:
        """Return the outputs and the state's tensors, as ``next_...``, in the order in which run times give them."""
        state = {} if self.state is None else self.state._asdict()
        return self.outputs() | {f'{NEXT}{name}': tensor for name, tensor in state.items()}

    @staticmethod
    def from_named_tensors(tensors: Mapping[str, Array]) -> Prediction:
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
