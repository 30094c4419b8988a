"""Measure the back end `cuda` on a GPU: whole frames, each step, and the running node; eager against captured.

    python benchmark/gpu.py [--device cuda] [--sizes 640x512 1280x1024 1920x1080] [--frames 300] [--seconds 10]

It takes less than ten minutes. All ratios are of one run, in which the ways take turns frame by frame. The shipped
network looks at the shipped clip through a lens that distorts, with every output asked for:

- `torch`: the network alone on the GPU, all else on the CPU, as back end `torch` with `device: cuda` does it
- `eager`: everything on the GPU, each operation begun by Python
- `captured`: the same with the network as a CUDA graph, which is back end `cuda`

Steps are timed one by one, the GPU idle before and after each: in a frame they overlap, so that it takes less than
their sum. The running node is measured where ROS is (`source .venv/ros.sh`), from the stamp of an image to the arrival
of the last of its outputs; `published` is from receiving to publishing, within the node. `--device cpu` runs the same
without a GPU, to try the script; its times say nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import torch

from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.back_ends.cuda import CUDABackEnd
from mt3dnet_ros.perception.back_ends.pytorch import TorchBackEnd
from mt3dnet_ros.perception.canvas.torch_canvas import TorchCanvas
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.device import choose_device
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.scene import ALL_OUTPUTS
from mt3dnet_ros.resources import package_file
from speed.pictures import camera_of, read_pictures, shipped_clip
from speed.tables import RATE, Size, dimensions, size_of
from speed.turns import in_turns

_PICTURES = 40  # of the clip, again and again
_DRAWN = 'instances', 'labels', 'confidence', 'parts', 'depth', 'saliency', 'cloud'
_PERIOD = 40_000_000  # nanoseconds between two stamps


class Turns(NamedTuple):
    """How often everything is timed, and how often it is done before that."""

    counted: int
    warm_up: int


def main() -> None:
    """Print everything."""
    arguments = parse()
    device = torch.device(choose_device(arguments.device))
    print(f'{describe(device)}, PyTorch {torch.__version__}, {date.today():%Y-%m-%d}')
    model = load_checkpoint(package_file(*SHIPPED_CHECKPOINT))
    back_ends, turns = make_back_ends(model, device), Turns(arguments.frames, arguments.warm_up)
    for size in arguments.sizes:
        pictures = read_pictures(shipped_clip(), size, min(_PICTURES, arguments.frames))
        measure_frames(back_ends, size, pictures, turns)
        measure_steps(back_ends, size, pictures[-1], turns)
    if arguments.seconds:
        measure_node(device, arguments.sizes, arguments.seconds)


def parse() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sizes = [(640, 512), (1280, 1024), (1920, 1080)]
    parser.add_argument('--device', default='cuda')
    parser.add_argument('--sizes', nargs='+', type=size_of, default=sizes, metavar='WxH')
    parser.add_argument(
        '--warm-up', type=int, default=12, help='turns in which memory is pinned and kernels are loaded'
    )
    parser.add_argument('--frames', type=int, default=300, help='per way and size')
    parser.add_argument(
        '--seconds', type=float, default=10.0, help='of the running node, per way and size; 0: not at all'
    )
    return parser.parse_args()


def describe(device: torch.device) -> str:
    """Return the name of the card."""
    if device.type == 'cpu':
        return 'no GPU: the script is only tried'
    card = torch.cuda.get_device_properties(device)
    return f'{card.name}, {card.total_memory / 2**30:.0f} GiB, CUDA {torch.version.cuda}'


def make_back_ends(model: MT3DNet, device: torch.device) -> dict[str, TorchBackEnd | CUDABackEnd]:
    """Return what runs the network, by the way of doing it; on the CPU nothing can be captured."""
    size = model.config.input_size
    precision = None if device.type == 'cpu' else torch.float16
    ways: dict[str, TorchBackEnd | CUDABackEnd] = {
        'torch': TorchBackEnd(model, device, size),
        'eager': CUDABackEnd(model, device, size, precision, captures=False),
    }
    if device.type == 'cpu':
        return ways
    captured = CUDABackEnd(model, device, size, precision)
    if captured.is_captured:
        return ways | {'captured': captured}
    print('the network could not be captured; the reason stands above')
    return ways


def measure_frames(
    back_ends: Mapping[str, TorchBackEnd | CUDABackEnd], size: Size, pictures: list[np.ndarray], turns: Turns
) -> None:
    """Print how long a frame takes, one after another, from the picture to every output in the CPU's memory."""
    ways = {name: Stream(Perceiver(back_end), size, pictures) for name, back_end in back_ends.items()}
    spent = in_turns(ways, *turns)
    first = np.median(spent['torch'].wall)
    print(f'\n{dimensions(size)}: a frame with every output, {turns.counted} frames; times in ms')
    print(f'{"":>12} {"median":>8} {"p99":>8} {"best":>8} {"rate/s":>8} {"processor":>9} {"torch is":>9}')
    for name, found in spent.items():
        median, p99 = np.percentile(found.wall, [50, 99])
        print(
            f'{name:>12} {median:8.2f} {p99:8.2f} {found.wall.min():8.2f} {1e3 / found.wall.mean():8.1f} '
            f'{np.median(found.processor):9.2f} {first / median:8.2f}x'
        )


class Stream:
    """A perceiver that is shown one picture after another; called, it perceives the next."""

    def __init__(self, perceiver: Perceiver, size: Size, pictures: list[np.ndarray]) -> None:
        self._perceiver, self._camera, self._pictures = perceiver, camera_of(size), pictures
        self._number = 0

    def __call__(self) -> None:
        """Perceive the next picture."""
        picture = self._pictures[self._number % len(self._pictures)]
        self._number += 1
        self._perceiver(Frame(picture, self._number * _PERIOD), self._camera, ALL_OUTPUTS)


def measure_steps(
    back_ends: Mapping[str, TorchBackEnd | CUDABackEnd], size: Size, picture: np.ndarray, turns: Turns
) -> None:
    """Print how long every step takes by itself."""
    steps = Steps(back_ends, size, picture)
    print(f'\n{dimensions(size)}: steps by themselves, {turns.counted} times; times in ms')
    print(f'{"":>34} {"median":>8} {"best":>8}')
    medians = {}
    for name, found in in_turns(steps.all(), *turns).items():
        medians[name] = float(np.median(found.wall))
        print(f'{name:>34} {medians[name]:8.3f} {found.wall.min():8.3f}')
    if 'network, captured' in medians:
        print(f'{"network, eager by captured":>34} {medians["network, eager"] / medians["network, captured"]:7.2f}x')


class Steps:
    """The steps of a frame, each of which ends when the GPU has done it."""

    def __init__(self, back_ends: Mapping[str, TorchBackEnd | CUDABackEnd], size: Size, picture: np.ndarray) -> None:
        self._back_ends = {name: found for name, found in back_ends.items() if isinstance(found, CUDABackEnd)}
        self._back_end = next(iter(self._back_ends.values()))
        self._perceiver, self._camera = Perceiver(self._back_end), camera_of(size)
        self._frame = Frame(picture)
        self._seen = self._perceiver.run(self._frame, self._camera)
        self._shown = self._interpretation()
        self._shown.begin(ALL_OUTPUTS)

    def all(self) -> dict[str, Callable[[], object]]:
        """Return the steps by their names, in the order of a frame."""
        images = self._canvas().normalized(self._perceiver.config.mean, self._perceiver.config.std)
        steps: dict[str, Callable[[], object]] = {
            'the image goes up': self._canvas,
            'and is scaled and normalised': self._prepare,
        }
        for name, back_end in self._back_ends.items():
            steps[f'network, {name}'] = partial(back_end, images)  # its outputs come down, so that it is waited for
        steps['instruments from cells, on the CPU'] = lambda: self._interpretation().windows
        steps |= {f'{name} drawn': partial(self._draw, name) for name in _DRAWN}
        steps['tinted picture drawn'] = self._draw_tinted
        steps['all of these come down'] = self._fetch
        return {name: partial(self._awaited, step) for name, step in steps.items()}

    def _awaited(self, step: Callable[[], object]) -> None:
        step()
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    def _canvas(self) -> TorchCanvas:
        return self._back_end.canvas(self._seen.letterbox, self._frame.rgb, self._frame.visible)

    def _prepare(self) -> None:
        self._canvas().normalized(self._perceiver.config.mean, self._perceiver.config.std)

    def _interpretation(self) -> Interpretation:
        seen, config = self._seen, self._perceiver.config
        return Interpretation(seen.prediction, seen.letterbox, self._camera, config, seen.settings, seen.canvas)

    def _draw(self, name: str) -> object:
        self._shown.__dict__.pop(f'_{name}', None)
        return getattr(self._shown, f'_{name}')

    def _draw_tinted(self) -> object:
        return self._seen.canvas.tinted(
            self._shown._instances, self._shown.windows, self._shown.colors(self._perceiver.taxonomy.palette()), 0.5
        )

    def _fetch(self) -> None:
        shown, transfers = self._shown, self._back_end.canvas.transfers
        drawn = shown._instances, shown._labels, shown._confidence, shown._parts, shown._depth, *(shown._cloud or ())
        for arrived in [transfers.down(item) for item in drawn]:
            arrived()


def measure_node(device: torch.device, sizes: list[Size], seconds: float) -> None:
    """Print what the running node needs, where ROS is."""
    if find_spec('rclpy') is None:
        print('\nthe running node is not measured: there is no ROS here (source .venv/ros.sh)')
        return
    from speed.node_under_load import EVERY_OUTPUT, NodeUnderLoad, choose_domain

    choose_domain()
    ways = ('torch',) if device.type == 'cpu' else ('torch', 'cuda')
    print(f'\nthe running node, every output, {RATE:g} images/s; times in ms')
    print(
        f'{"":>12} {"back end":>9} {"published":>9} {"latency":>8} {"p99":>8} {"rate/s":>8} {"% off":>6} {"cores":>6}'
    )
    for size in sizes:
        for name in ways:
            with NodeUnderLoad(shipped_clip(), size, RATE, {'device': str(device), 'back_end': name}) as node:
                node.wait_for_images()
                found = node.measure(EVERY_OUTPUT, seconds, settle=6.0)
            print(
                f'{dimensions(size):>12} {name:>9} {found.stages.get("total", float("nan")):21.2f} '
                f'{found.latency(50):8.2f} {found.latency(99):8.2f} {found.rate:8.1f} {100.0 * found.dropped:8.1f} '
                f'{found.cores:8.2f}',
                flush=True,
            )


if __name__ == '__main__':
    main()
