"""How much of a network's depth error is scale? One scale per frame, against what is left of shape.

    python benchmark/depth_scale.py --data RENDERED --checkpoint FILE [--split test] [--frames 100]

Scale errors are medians of log(predicted / true) in a frame: `bias` is their mean, `spread` their standard deviation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.evaluation.order import spread
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import make_perceiver
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.settings import Settings


def errors(perceiver: Perceiver, frames: RenderedFrames, indices: list[int]) -> np.ndarray:
    """Return a row per frame: number of tools, scale error, MAE in mm, and MAE in mm once the scale is right."""
    rows = []
    for index in indices:
        frame = frames[index]
        found = perceiver(Frame(frame.image), frame.camera, {'depth'}).depth
        assert found is not None and frame.depth is not None and frame.instances is not None
        known = frame.depth > 0
        found, true = found[known], frame.depth[known]
        scale = np.median(np.log(found / true))
        absolute = (1e3 * np.abs(depth - true).mean() for depth in (found, found / np.exp(scale)))
        rows.append((frame.instances.max(), scale, *absolute))
    return np.array(rows)


def main() -> None:
    """Print a row per number of tools, and one for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True, help='folder written by mt3dnet render')
    parser.add_argument('--checkpoint', type=Path, required=True)
    parser.add_argument('--split', default='test')
    parser.add_argument('--frames', type=int, default=100)
    arguments = parser.parse_args()
    frames = RenderedFrames(arguments.data, arguments.split)
    perceiver = make_perceiver(load_checkpoint(arguments.checkpoint), torch.device('cpu'), Settings(max_depth=10.0))
    table = errors(perceiver, frames, spread(len(frames), arguments.frames))
    print(f'{"tools":>6} {"frames":>7} {"bias":>7} {"spread":>7} {"MAE mm":>7} {"with the right scale":>21}')
    groups = [(str(int(count)), table[table[:, 0] == count]) for count in np.unique(table[:, 0])]
    for name, rows in [*groups, ('all', table)]:
        _, bias, unscaled, scaled = rows.mean(axis=0)
        print(f'{name:>6} {len(rows):7d} {bias:+7.3f} {rows[:, 1].std():7.3f} {unscaled:7.2f} {scaled:21.2f}')


if __name__ == '__main__':
    main()
