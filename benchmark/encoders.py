"""What do the encoders cost, in training and at run time? Ratios to `b0` within one run, on a CPU.

    python benchmark/encoders.py [--threads 1] [--steps 5] [--batch 4] [--skip training|running] \
        [--teacher efficientnet-lite0-57934424.pth]

Steps are those of `benchmark/training_step.py` in bfloat16, one case after the other in turns, so that whatever else
the machine does falls on all of them; weights are random. Frames are one image through the back ends of perception.
Each figure is the median over the turns, and so is its ratio to that of the first case in the same turn; on a machine
with other work, the time that the CPU spent on it says more than the time that passed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

import numpy as np
import torch
from training_step import make_batch, silent_module, take_step

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.registry import make_back_end
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.recipe import Recipe
from speed.turns import in_turns

CPU = torch.device('cpu')
ENCODERS = ('b0', 'efficientnet_lite0')
_LITE = {'encoder': 'efficientnet_lite0'}
_FIXED = _LITE | {'fixed_statistics': True}
TRAININGS: Mapping[str, Mapping[str, object]] = {
    'b0': {},
    'lite0': _LITE,
    'lite0, fixed statistics': _FIXED,
    'lite0, fixed statistics, 2 stages frozen': _FIXED | {'frozen_stages': 2},
    'lite0, fixed statistics, 3 stages frozen': _FIXED | {'frozen_stages': 3},
    'lite0, fixed statistics, 4 stages frozen': _FIXED | {'frozen_stages': 4},
}
TRAINING_SIZE = (288, 352)
RUNNING_SIZES = ((288, 352), (352, 448))


def training_step(changes: Mapping[str, object], count: int) -> Callable[[], object]:
    """Return one step of a recipe, on a batch of noise."""
    height, width = TRAINING_SIZE
    recipe = Recipe('', '', input_size=TRAINING_SIZE, scene_scale=True, drop_path=0.05, warmup_steps=1, **changes)  # type: ignore[arg-type]
    module = silent_module(recipe, CPU)
    optimizer = module.configure_optimizers()['optimizer']
    batch = make_batch(count, height, width, 2, CPU)
    mixed = torch.autocast('cpu', torch.bfloat16)
    return lambda: take_step(module, optimizer, batch, mixed)


def frame(encoder: str, back_end: str, size: tuple[int, int]) -> Callable[[], object]:
    """Return one image's way through a network of random weights."""
    torch.manual_seed(0)
    config = MT3DNetConfig(load_taxonomy('endovis2018').names, encoder=encoder, scene_scale=True, input_size=size)
    run = make_back_end(back_end, MT3DNet(config).eval(), CPU, size)
    image = np.random.default_rng(0).standard_normal((1, 3, *size), np.float32)
    return lambda: run(image)


def report(cases: Mapping[str, Callable[[], object]], turns: int) -> None:
    """Print the medians of each case, in turns with the others, and of its ratios to the first."""
    spent = in_turns(cases, turns)
    first = next(iter(spent.values()))
    print(f'{"":>44} {"ms":>8} {"ratio":>6} {"CPU ms":>8} {"ratio":>6}')
    for name, each in spent.items():
        slower, dearer = np.median(each.wall / first.wall), np.median(each.processor / first.processor)
        wall, cpu = np.median(each.wall), np.median(each.processor)
        print(f'{name:>44} {wall:8.1f} {slower:6.2f} {cpu:8.1f} {dearer:6.2f}', flush=True)


def main() -> None:
    """Print a table for training and one for each size and back end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--steps', type=int, default=5)
    parser.add_argument('--frames', type=int, default=30)
    parser.add_argument('--batch', type=int, default=4)
    parser.add_argument('--teacher', default='', help='weights of a teacher, whose cost for b0 is measured as well')
    parser.add_argument('--skip', choices=('training', 'running'))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    if arguments.skip != 'training':
        print(f'a training step, batch {arguments.batch} at {TRAINING_SIZE[1]}x{TRAINING_SIZE[0]}')
        taught = {'b0, taught': {'teacher': arguments.teacher}} if arguments.teacher else {}
        trainings = {**TRAININGS, **taught}
        steps = {name: training_step(changes, arguments.batch) for name, changes in trainings.items()}
        report(steps, arguments.steps)
    if arguments.skip == 'running':
        return
    for size in RUNNING_SIZES:
        for back_end in ('torch', 'openvino'):
            print(f'a frame of {size[1]}x{size[0]}, {back_end}')
            report({name: frame(name, back_end, size) for name in ENCODERS}, arguments.frames)


if __name__ == '__main__':
    main()
