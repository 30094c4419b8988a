"""What is promised of speed: the tables of the benchmark with their goals, and its curves. Nothing is measured here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mt3dnet_ros.perception.back_ends.registry import AUTO, choose_back_end
from mt3dnet_ros.perception.back_ends.registry import BACK_ENDS as KINDS
from mt3dnet_ros.perception.device import CPU

Size = tuple[int, int]  # width and height in pixels


@dataclass(frozen=True)
class Figure:
    """A column.

    :param at_least: whether a goal is a least value; else it is a largest one
    :param digits: behind the point
    """

    name: str
    unit: str = 'ms'
    at_least: bool = False
    digits: int = 1

    @property
    def title(self) -> str:
        """The name with the unit."""
        return f'{self.name} [{self.unit}]' if self.unit else self.name

    def met(self, number: float, goal: float) -> bool:
        """Return whether a number reaches its goal; NaN does not."""
        return number >= goal if self.at_least else number <= goal


@dataclass(frozen=True)
class Case:
    """A row.

    :param goals: by the name of the figure
    """

    name: str
    goals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Curve:
    """How a cost grows.

    :param x: what it grows with
    :param y: the cost, with its unit
    :param logarithmic: whether x is drawn in doublings
    """

    name: str
    x: str
    y: str = 'latency [ms]'
    logarithmic: bool = True


@dataclass(frozen=True)
class Section:
    """What is measured in one process.

    :param name: by which it can be asked for
    :param module: of the package ``speed``; its ``measure`` yields findings
    """

    name: str
    module: str
    title: str
    text: str
    figures: Sequence[Figure] = ()
    cases: Sequence[Case] = ()
    curves: Sequence[Curve] = ()


@dataclass(frozen=True)
class Load:
    """What a running node is asked for.

    :param outputs: in words: a key of ``running_node.OUTPUTS``
    """

    size: Size
    outputs: str
    goals: Mapping[str, float]

    def name(self, back_end: str) -> str:
        """Return the name of its case."""
        return f'{dimensions(self.size)}, {self.outputs}, `{back_end}`'


def dimensions(size: Size) -> str:
    """Return width and height as they are written."""
    return f'{size[0]}x{size[1]}'


def size_of(text: str) -> Size:
    """Return what ``dimensions`` has written.

    :raises ValueError: it is no width and height
    """
    width, height = map(int, text.split('x'))
    return width, height


GPU_BACK_END = 'cuda'
DEFAULT = choose_back_end(AUTO, CPU)
"""What runs the network where nobody says what."""
BACK_ENDS = (DEFAULT, *(name for name in KINDS if name not in (DEFAULT, GPU_BACK_END)))
"""Of the CPU."""

RATE = 25.0  # images per second
ALL, MAIN = 'all outputs', 'masks, detections, depth'

DEMO = '`make demo`: 640x512, everything recorded'
LOADS = (
    Load((720, 576), ALL, {'rate': 24.5, 'dropped': 2.0, 'latency, median': 45.0, 'memory': 350.0}),
    Load((720, 576), MAIN, {'rate': 24.5, 'dropped': 2.0, 'latency, median': 25.0, 'latency, p99': 50.0}),
    Load((1280, 1024), ALL, {'rate': 20.0, 'publish': 8.0}),
)
NETWORK, REST = 'network', 'all but the network'
STAGES = ('preprocess', NETWORK, 'postprocess', 'scale', 'overlay', 'cloud', 'between the stages', REST)
STAGE_GOALS: Mapping[Size, Mapping[str, float]] = {
    (640, 512): {NETWORK: 9.0, REST: 5.0},
    (1280, 1024): {REST: 7.0},
}
SINGLE_TASK = ('SegFormer-B0', 'Depth-Anything-V2-S', 'RT-DETRv2-R18')
AT_512X640, AS_SHIPPED, AT_OURS = 'each at 512x640', 'each at the size it ships with', 'each at the size of ours'
GPU = '1280x1024, all outputs'

PIXELS = Curve('picture size', 'megapixels')
INPUT = Curve('input size of the network', 'kilopixels', 'network [ms]')
INSTRUMENTS = Curve('instruments', 'number in the picture', 'all but the network [ms]', logarithmic=False)
STRIDE = Curve('stride of the cloud', 'pixels')
SUBSCRIBERS = Curve('subscribers', 'processes that take every output')


def stage_case(size: Size, back_end: str) -> str:
    """Return the name of a case of the section ``stages``."""
    return f'{dimensions(size)}, `{back_end}`'


def ours(back_end: str) -> str:
    """Return the name of our column beside the networks of single tasks."""
    return f'ours, `{back_end}`'


def ratio(back_end: str) -> str:
    """Return the name of the column that compares ours with the networks of single tasks."""
    return f'times ours, `{back_end}`'


_LATENCIES = Figure('latency, median'), Figure('latency, p99')
_FRAMES = Figure('rate', 'Hz', at_least=True), Figure('dropped', '%'), *_LATENCIES

SECTIONS = (
    Section(
        'demo',
        'demo_run',
        'The demo',
        'The shipped clip at 25 images/s through three nodes; what their recording says. Latency is from the stamp of '
        'an image to its detections.',
        _FRAMES,
        [Case(DEMO, {'rate': 24.5, 'dropped': 2.0, 'latency, median': 50.0, 'latency, p99': 90.0})],
    ),
    Section(
        'node',
        'running_node',
        'The running node',
        f'{RATE:g} images/s over DDS; camera, node and subscribers are three processes that share the cores. Latency '
        f'is from the stamp of an image to the arrival of the last of its outputs; memory is PSS. `{DEFAULT}` is what '
        'runs the network where nobody says what.',
        [*_FRAMES, Figure('publish'), Figure('processor', 'cores', digits=2), Figure('memory', 'MB', digits=0)],
        [Case(load.name(name), load.goals if name == DEFAULT else {}) for load in LOADS for name in BACK_ENDS],
    ),
    Section(
        'stages',
        'stages',
        'Stages',
        'In one process, the shipped clip through a lens that distorts, every output asked for; the best of all '
        'frames. The back ends take turns, frame by frame.',
        [Figure(stage) for stage in STAGES],
        [
            Case(stage_case(size, name), goals if name == DEFAULT else {})
            for size, goals in STAGE_GOALS.items()
            for name in BACK_ENDS
        ],
    ),
    Section(
        'start',
        'starting',
        'From start to active',
        'The fastest start of the node, from the start of its process to its state active, with an empty cache folder '
        'and with what the start before has left there.',
        [Figure('cold cache', 's', digits=2), Figure('warm cache', 's', digits=2)],
        [Case(f'`{name}`', {'cold cache': 1.0, 'warm cache': 1.0} if name == DEFAULT else {}) for name in BACK_ENDS],
    ),
    Section(
        'single_task',
        'single_task',
        'Three networks in its place',
        'What a user would run for the same: three networks of transformers with random weights, on PyTorch, the pass '
        'through each network alone. Ours is the shipped one from a picture of 640x512 to every output. All take '
        'turns, and each ratio is the median of those of single turns.',
        [
            *map(Figure, SINGLE_TASK),
            *(Figure(ours(name)) for name in BACK_ENDS),
            *(Figure(ratio(name), '', at_least=True) for name in BACK_ENDS),
        ],
        [
            Case(AT_512X640, {ratio(DEFAULT): 120.0}),
            Case(AS_SHIPPED, {ratio(DEFAULT): 40.0}),
            Case(AT_OURS),
        ],
    ),
    Section(
        'gpu',
        'gpu',
        'On a GPU',
        'The running node as above, with `device: cuda` and `back_end: cuda`; each step: `python benchmark/gpu.py`.',
        [Figure('received to published, median'), *_LATENCIES, Figure('rate', 'Hz', at_least=True)],
        [Case(GPU, {'received to published, median': 5.0, 'latency, p99': 8.0})],
    ),
    Section(
        'growth',
        'growth',
        'How the cost grows',
        'Picture size, stride and subscribers: latency of the running node, as above, at 10 images/s, so that no frame '
        'waits for another. Input size and instruments: in one process.',
        curves=[PIXELS, INPUT, INSTRUMENTS, STRIDE, SUBSCRIBERS],
    ),
)
BY_NAME = {section.name: section for section in SECTIONS}
