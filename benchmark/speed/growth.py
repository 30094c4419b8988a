"""How the cost grows with the picture, the network's input, what is in view, the cloud, and how many listen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from mt3dnet_ros import load
from mt3dnet_ros.perception.perceiver import Perceiver
from speed.conditions import Conditions
from speed.drawn_network import DrawnNetwork, upright_tools
from speed.findings import Finding, Point, attempted
from speed.measurement import Measurement
from speed.node_under_load import EVERY_OUTPUT, MAIN_OUTPUTS, NodeUnderLoad
from speed.pictures import shipped_clip
from speed.stages import stage_times
from speed.subscribers import subscribers
from speed.tables import ALL, INPUT, INSTRUMENTS, MAIN, NETWORK, PIXELS, REST, STRIDE, SUBSCRIBERS, Size

RATE = 10.0  # images per second, few enough that no frame waits for another
PICTURE_SIZES: Sequence[Size] = ((320, 256), (640, 512), (720, 576), (1280, 1024), (1920, 1080))
INPUT_SIZES: Sequence[Size] = ((192, 160), (352, 288), (512, 416), (640, 512))
TOOLS = (0, 1, 2, 4, 8)
STRIDES = (1, 2, 4, 8)
LISTENERS = (1, 2, 4)
_SIZE = 640, 512


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the points of all curves."""
    yield from attempted('', partial(_measure_node, conditions))
    yield from attempted(INSTRUMENTS.name, partial(_measure_tools, conditions))
    for back_end in conditions.back_ends:
        yield from attempted(INPUT.name, partial(_measure_inputs, conditions, back_end))


def _measure_node(conditions: Conditions) -> Iterator[Finding]:
    parameters = conditions.parameters(back_end=conditions.back_ends[0], device='cpu')
    with NodeUnderLoad(shipped_clip(), PICTURE_SIZES[0], RATE, parameters) as node:
        node.wait_for_images()
        for size in conditions.of(PICTURE_SIZES):
            node.camera.resize(size)
            found = {ALL: _measured(node, EVERY_OUTPUT, conditions), MAIN: _measured(node, MAIN_OUTPUTS, conditions)}
            heights = {f'{name}, median': each.latency(50) for name, each in found.items()}
            yield Point(PIXELS.name, 1e-6 * size[0] * size[1], heights)
        node.camera.resize(_SIZE)
        for stride in conditions.of(STRIDES):
            node.set_parameter('stride', stride)
            yield Point(STRIDE.name, stride, _latencies(_measured(node, EVERY_OUTPUT, conditions)))
        node.set_parameter('stride', STRIDES[1])
        for number in conditions.of(LISTENERS):
            with subscribers(node, number - 1):
                yield Point(SUBSCRIBERS.name, number, _latencies(_measured(node, EVERY_OUTPUT, conditions)))


def _measured(node: NodeUnderLoad, topics: Sequence[str], conditions: Conditions) -> Measurement:
    return node.measure(topics, 0.6 * conditions.seconds, 0.6 * conditions.settle)


def _latencies(found: Measurement) -> dict[str, float]:
    return {f'{ALL}, median': found.latency(50), f'{ALL}, p99': found.latency(99)}


def _measure_tools(conditions: Conditions) -> Iterator[Finding]:
    perceiver = load(conditions.checkpoint, device='cpu', back_end=conditions.back_ends[0])
    for number in conditions.of(TOOLS):
        shown = Perceiver(DrawnNetwork(perceiver.back_end, upright_tools(number)))
        times = stage_times({ALL: shown}, _SIZE, conditions.frames)[ALL]
        yield Point(INSTRUMENTS.name, number, {ALL: float(np.median(times[REST]))})


def _measure_inputs(conditions: Conditions, back_end: str) -> Iterator[Finding]:
    import torch

    from mt3dnet_ros.perception.checkpoint import load_checkpoint
    from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT, make_perceiver
    from mt3dnet_ros.resources import package_file

    for width, height in conditions.of(INPUT_SIZES):
        model = load_checkpoint(conditions.checkpoint or package_file(*SHIPPED_CHECKPOINT))
        perceiver = make_perceiver(model, torch.device('cpu'), back_end=back_end, input_size=(height, width))
        times = stage_times({back_end: perceiver}, _SIZE, conditions.frames)[back_end]
        yield Point(INPUT.name, 1e-3 * width * height, {f'`{back_end}`': float(np.median(times[NETWORK]))})
