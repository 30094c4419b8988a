"""What the saliency branch adds to MT3DNet: operations, parameters, and time per frame of a stream.

    python benchmark/saliency_branch.py [--encoder b0] [--size 320x256] [--frames 30]

Networks with and without the branch take turns on every frame, so that other work on the machine hits both alike.
Start it in the shell that the nodes run in (`source .venv/ros.sh`): its malloc settings matter.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.taxonomy import load_taxonomy

WARM_UP = 3


def count_macs(network: MT3DNet, images: Tensor) -> int:
    """Return the multiply-accumulate operations of one frame; the counter takes each for two operations."""
    with FlopCounterMode(display=False) as counter:
        network(images)
    return counter.get_total_flops() // 2


def count_parameters(network: nn.Module) -> int:
    """Return the number of parameters."""
    return sum(value.numel() for value in network.parameters())


def time_in_turns(networks: tuple[MT3DNet, ...], images: Tensor, frames: int) -> np.ndarray:
    """Return seconds (frames, networks) per frame of a stream, each network with its own state."""
    states, seconds = [None] * len(networks), np.empty((frames + WARM_UP, len(networks)))
    for row in seconds:
        for index, network in enumerate(networks):
            start = time.perf_counter()
            states[index] = network(images, states[index]).state
            row[index] = time.perf_counter() - start
    return seconds[WARM_UP:]


@torch.inference_mode()
def report(encoder: str, width: int, height: int, frames: int) -> None:
    """Print a row without the branch, one with it, and what it adds."""
    classes = load_taxonomy('endovis2018').names
    plain, whole = (MT3DNet(MT3DNetConfig(classes, encoder=encoder, saliency=has)).eval() for has in (False, True))
    images = torch.randn(1, 3, height, width)
    macs, sizes = (
        [count(network, *arguments) for network in (plain, whole)]
        for count, arguments in (
            (count_macs, (images,)),
            (count_parameters, ()),
        )
    )
    seconds = time_in_turns((plain, whole), images, frames)
    print(f'{encoder}, {width}x{height}, {frames} frames in turns, {torch.get_num_threads()} threads')
    print(f'{"":>12} {"GMAC":>8} {"M params":>9} {"best ms":>8} {"median ms":>10}')
    for index, name in enumerate(('without', 'with')):
        best, median = 1e3 * seconds[:, index].min(), 1e3 * np.median(seconds[:, index])
        print(f'{name:>12} {macs[index] / 1e9:8.3f} {sizes[index] / 1e6:9.3f} {best:8.2f} {median:10.2f}')
    best, median = seconds[:, 1].min() / seconds[:, 0].min(), np.median(seconds[:, 1] / seconds[:, 0])
    print(
        f'{"added, %":>12} {_percent(macs[1] / macs[0]):>8} {_percent(sizes[1] / sizes[0]):>9} {_percent(best):>8} '
        f'{_percent(median):>10}'
    )


def _percent(ratio: float) -> str:
    return f'{100 * (ratio - 1):.1f}'


def main() -> None:
    """Print the table of one encoder at one size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--encoder', default='b0')
    parser.add_argument('--size', default='320x256', metavar='WIDTHxHEIGHT')
    parser.add_argument('--frames', type=int, default=30)
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split('x'))
    report(arguments.encoder, width, height, arguments.frames)


if __name__ == '__main__':
    main()
