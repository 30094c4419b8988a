"""Time each stage of perception, and what of it is not the network.

    python benchmark/perception_stages.py [--sizes 640x512 1280x1024] [--back-ends torch openvino] [--frames 30]

The network runs on noise for its time; what follows works on a drawn prediction of four instruments, two of them
touching, so that the work is the same whatever the weights. All figures of one back end come from one run, with every
output asked for. Start it in the shell that the nodes run in (`source .venv/ros.sh`): its malloc settings matter.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.tasks import Prediction
from mt3dnet_ros.perception.back_ends.registry import BACK_ENDS
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import STAGES, Perceiver
from mt3dnet_ros.perception.scene import ALL_OUTPUTS
from mt3dnet_ros.perception.taxonomy import load_taxonomy

TOOLS = ((0.0, 0.4, 0.5, 0.55, 1), (0.5, 0.38, 0.65, 0.58, 3), (0.6, 0.0, 0.75, 0.3, 4), (0.1, 0.7, 0.4, 1.0, 6))


def draw(prediction: Prediction) -> Prediction:
    """Return a prediction of the same shape that shows ``TOOLS``: left, top, right, bottom in shares, and class."""
    blank = prediction.mapped(torch.zeros_like)
    types, parts, depth, heat, boxes = blank.types, blank.parts, blank.depth, blank.heat, blank.boxes
    height, width = types.shape[-2:]
    types[:, 0], heat[:], depth[:] = 8.0, -8.0, 0.12
    for left, top, right, bottom, class_id in TOOLS:
        rows, columns = slice(int(top * height), int(bottom * height)), slice(int(left * width), int(right * width))
        types[0, 0, rows, columns], types[0, class_id, rows, columns] = 0.0, 4.0
        depth[0, 0, rows, columns] = 0.09
        for part in (1, 2, 3):
            share = columns.start + (columns.stop - columns.start) * (part - 1) // 3
            parts[0, 1:, rows, share : columns.stop] = 0.0
            parts[0, part, rows, share : columns.stop] = 6.0
        row, column = (rows.start + rows.stop) // 4, (columns.start + columns.stop) // 4
        heat[0, class_id - 1, row, column] = 1.0
        boxes[0, :, row, column] = 2.0 * torch.tensor([columns.stop - columns.start, rows.stop - rows.start] * 2)
    return blank


def make_perceiver(back_end: str) -> Perceiver:
    """Return a perceiver with a network of random weights."""
    taxonomy = load_taxonomy('endovis2018')
    return Perceiver(MT3DNet(MT3DNetConfig(taxonomy.names)), torch.device('cpu'), back_end=back_end)


def milliseconds(work: Callable[[], object], repetitions: int) -> np.ndarray:
    """Return the duration of each repetition."""
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return np.array(times)


def report(back_end: str, size: tuple[int, int], frames: int) -> None:
    """Print the stages of one back end at one image size."""
    width, height = size
    perceiver = make_perceiver(back_end)
    frame = Frame(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8))
    camera = Camera(width, height, 0.8 * width, 0.8 * width, width / 2, height / 2, 'plumb_bob', (-0.2, 0.05, 0.0, 0.0))
    start = time.perf_counter()
    perceiver.warm_up(frame.size, camera)
    print(f'\n{back_end}, {width}x{height}, {frames} frames; the first two took {time.perf_counter() - start:.2f} s')
    drawn = draw(perceiver.run(frame, camera).prediction)
    timings = [
        perceiver.interpret(replace(perceiver.run(frame, camera), prediction=drawn), camera).timings
        for _ in range(frames)
    ]
    table = 1e3 * np.array([[timing[stage] for stage in STAGES] for timing in timings])
    rest = table.sum(axis=1) - table[:, STAGES.index('network')]
    rows = dict(zip(STAGES, table.T, strict=True)) | {'all but the network': rest}
    print(f'{"stage":>24} {"best ms":>8} {"median":>8}')
    for name, times in rows.items():
        print(f'{name:>24} {times.min():8.2f} {np.median(times):8.2f}')
    network = rows['network']
    print(f'{"ratio to the network":>24} {rest.min() / network.min():8.3f} {np.median(rest) / np.median(network):8.3f}')


def report_outputs(size: tuple[int, int], frames: int) -> None:
    """Print what each output costs by itself, once the network has run."""
    width, height = size
    perceiver = make_perceiver('torch')
    frame = Frame(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8))
    camera = Camera(width, height, 0.8 * width, 0.8 * width, width / 2, height / 2)
    perceiver.warm_up(frame.size, camera)
    seen = perceiver.run(frame, camera)
    seen = replace(seen, prediction=draw(seen.prediction))
    print(f'\none output by itself, after the network, {width}x{height}')
    for outputs in (frozenset(), *(frozenset({name}) for name in sorted(ALL_OUTPUTS)), ALL_OUTPUTS):
        times = milliseconds(partial(perceiver.interpret, seen, camera, outputs), frames)
        name = 'all' if outputs == ALL_OUTPUTS else ', '.join(outputs) or 'none'
        print(f'{name:>24} {times.min():8.2f} {np.median(times):8.2f}')


def main() -> None:
    """Print a table per back end and size, and one per size with the cost of each output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--sizes', nargs='+', default=['640x512', '1280x1024'], metavar='WIDTHxHEIGHT')
    parser.add_argument('--back-ends', nargs='+', default=['torch'], choices=BACK_ENDS)
    parser.add_argument('--frames', type=int, default=30)
    arguments = parser.parse_args()
    for text in arguments.sizes:
        width, height = map(int, text.split('x'))
        for back_end in arguments.back_ends:
            report(back_end, (width, height), arguments.frames)
        report_outputs((width, height), arguments.frames)


if __name__ == '__main__':
    main()
