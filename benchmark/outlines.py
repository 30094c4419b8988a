"""What outlines gain by a larger input, by the picture's edges, and by colours brought to one white balance.

    python benchmark/outlines.py --real ../shared/data/real_val --rendered DIR... [--checkpoint FILE] [--frames 40]
                                 [--sizes 352x288 448x352 512x416]

Three tables, for each folder of real frames with instruments and the test split of each rendered data set: means over
frames of Dice, of the IoU of boundaries (strips of 2 % of the diagonal) and of the F of outlines (within 0.4 %).

- sizes of the network's input, with outlines as the network has them (`cells`) and drawn to edges (`edges`), and the
  processor time of the network;
- radius and smoothness of the filter that draws them, and its time;
- frames as they are, warmer and cooler, each normalised towards the mean colour of the rendered frames or not.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from mt3dnet_ros.datasets.frames import FrameSet
from mt3dnet_ros.datasets.parts_folder import PartsFolder
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.evaluation.order import spread
from mt3dnet_ros.evaluation.scorers.instrument import true_foreground
from mt3dnet_ros.metrics.boundary import boundary_f, boundary_iou
from mt3dnet_ros.perception.canvas.numpy_canvas import NumPyCanvas
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.instruments import edges
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT, make_perceiver
from mt3dnet_ros.perception.network_outputs import NetworkOutputs
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.resources import package_file

FILTERS = ((1, 1e-4), (1, 1e-3), (1, 1e-2), (2, 1e-3), (2, 1e-2))
CASTS = {'as it is': (1.0, 1.0, 1.0), 'warmer': (1.15, 1.0, 0.8), 'cooler': (0.85, 1.0, 1.2)}
NORMALISATIONS = {
    'not': (1.0, 0.0),
    'grey world, half': (1.0, 0.5),
    'grey world': (1.0, 1.0),
    'shades, half': (6.0, 0.5),
}
STEP = 4  # pixels between those that colours are measured at
Truth = tuple[np.ndarray, np.ndarray]


def frames_of(data: FrameSet, most: int) -> Iterator[Truth]:
    """Yield image and instruments, (H, W) bool, of frames that are spread over a data set."""
    for index in spread(len(data), min(most, len(data))):
        frame = data[index]
        truth = true_foreground(frame)
        assert truth is not None
        yield frame.image, truth == 1


def scores(mask: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Return Dice, boundary IoU and boundary F of one frame."""
    diagonal, total = float(np.hypot(*truth.shape)), int(mask.sum()) + int(truth.sum())
    dice = 2.0 * np.count_nonzero(mask & truth) / total if total else 1.0
    return dice, boundary_iou(mask, truth, round(0.02 * diagonal)), boundary_f(mask, truth, max(1.0, 0.004 * diagonal))


def mask_of(perceiver: Perceiver, seen: NetworkOutputs, with_edges: bool = True) -> np.ndarray:
    """Return where there is an instrument."""
    canvas = seen.canvas if with_edges else NumPyCanvas(seen.letterbox, visible=seen.frame.visible)
    shown = Interpretation(seen.prediction, seen.letterbox, None, perceiver.config, seen.settings, canvas)
    return shown.labels > 0


def print_row(*names: object, rows: Sequence[tuple[float, ...]], note: str = '') -> None:
    """Print the mean of each column."""
    values = ' '.join(f'{value:7.4f}' for value in np.mean(rows, axis=0))
    print(f'{" ".join(f"{name!s:>18}" for name in names)} {values} {note}', flush=True)


def judge_sizes(
    make: Callable[[tuple[int, int]], Perceiver], sets: dict[str, FrameSet], sizes: list[str], most: int
) -> None:
    """Print a row per size, data set and way to outlines."""
    for text in sizes:
        width, height = map(int, text.split('x'))
        perceiver = make((height, width))
        for name, data in sets.items():
            rows: dict[bool, list[tuple[float, ...]]] = {False: [], True: []}
            start, seconds = 0.0, 0.0
            for image, truth in frames_of(data, most):
                start = time.process_time()
                seen = perceiver.run(image)
                seconds += time.process_time() - start
                for with_edges, found in rows.items():
                    found.append(scores(mask_of(perceiver, seen, with_edges), truth))
            note = f'{1e3 * seconds / len(rows[True]):.0f} ms'
            for with_edges, found in rows.items():
                print_row(text, name, 'edges' if with_edges else 'cells', rows=found, note=note)


def judge_filters(perceiver: Perceiver, sets: dict[str, FrameSet], most: int) -> None:
    """Print a row per radius, smoothness and data set."""
    settings = {'cells': None} | {f'{radius} {smoothness:g}': (radius, smoothness) for radius, smoothness in FILTERS}
    for name, data in sets.items():
        rows: dict[str, list[tuple[float, ...]]] = {key: [] for key in settings}
        seconds = dict.fromkeys(settings, 0.0)
        for image, truth in frames_of(data, most):
            seen = perceiver.run(image)
            for key, values in settings.items():
                canvas = _Filtered(seen, values)
                shown = Interpretation(seen.prediction, seen.letterbox, None, perceiver.config, seen.settings, canvas)
                rows[key].append(scores(shown.labels > 0, truth))
                seconds[key] += canvas.seconds
        for key, found in rows.items():
            print_row(name, key, rows=found, note=f'{1e3 * seconds[key] / len(found):.2f} ms')


class _Filtered(NumPyCanvas):
    """A canvas on which outlines are drawn to edges by a filter of one's own; None leaves them."""

    def __init__(self, seen: NetworkOutputs, values: tuple[int, float] | None) -> None:
        super().__init__(seen.letterbox, seen.frame.rgb, seen.frame.visible)
        self.seconds = 0.0
        self._values = values

    def outlined(self, foreground: np.ndarray) -> np.ndarray:
        """Draw a probability to the edges of the picture."""
        if self._values is None:
            return foreground
        content = self.content
        start = time.process_time()
        found = np.clip(edges.follow_edges(foreground, content, *self._values), 0.0, 1.0)
        self.seconds = time.process_time() - start
        return found


def mean_colour(images: Iterator[np.ndarray], power: float) -> np.ndarray:
    """Return the median over images of the Minkowski mean of their colours, (3,), relative to the mean of the three."""
    means = []
    for image in images:
        pixels = image[::STEP, ::STEP].reshape(-1, 3).astype(np.float32)
        lit = pixels[(pixels.max(axis=1) > 20) & (pixels.max(axis=1) < 250)]
        mean = (lit**power).mean(axis=0) ** (1.0 / power) if len(lit) else np.ones(3)
        means.append(mean / mean.mean())
    return np.median(means, axis=0)


def normalised(image: np.ndarray, target: np.ndarray, power: float, share: float) -> np.ndarray:
    """Return an image part of the way to a mean colour, its green as it was."""
    gains = (target / mean_colour(iter([image]), power)) ** share
    return np.clip(image * (gains / gains[1]), 0, 255).astype(np.uint8)


def judge_colours(perceiver: Perceiver, sets: dict[str, FrameSet], rendered: list[RenderedFrames], most: int) -> None:
    """Print a row per data set, cast and normalisation."""
    samples = [data.images[index] for data in rendered for index in spread(len(data), 40)]
    targets = {power: mean_colour(iter(samples), power) for power, _ in NORMALISATIONS.values()}
    for name, data in sets.items():
        for cast, gains in CASTS.items():
            rows: dict[str, list[tuple[float, ...]]] = {key: [] for key in NORMALISATIONS}
            for image, truth in frames_of(data, most):
                shown = np.clip(image * np.array(gains), 0, 255).astype(np.uint8)
                for key, (power, share) in NORMALISATIONS.items():
                    seen = perceiver.run(normalised(shown, targets[power], power, share) if share else shown)
                    rows[key].append(scores(mask_of(perceiver, seen), truth))
            for key, found in rows.items():
                print_row(name, cast, key, rows=found)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--real', type=Path, required=True)
    parser.add_argument('--rendered', type=Path, nargs='+', default=[])
    parser.add_argument('--checkpoint', type=Path, default=package_file(*SHIPPED_CHECKPOINT))
    parser.add_argument('--frames', type=int, default=40, help='of each data set')
    parser.add_argument('--sizes', nargs='+', default=['352x288', '448x352', '512x416'], metavar='WxH')
    parser.add_argument('--tables', nargs='+', default=['sizes', 'filters', 'colours'])
    arguments = parser.parse_args()
    folders = [masks.parent for masks in sorted(arguments.real.glob('*/parts_masks')) if 'without' not in str(masks)]
    real: dict[str, FrameSet] = {folder.name[:18]: PartsFolder(folder) for folder in folders}
    rendered = {folder.name: RenderedFrames(folder, 'test') for folder in arguments.rendered}
    sets, most = real | rendered, arguments.frames

    def make(size: tuple[int, int] | None = None) -> Perceiver:
        return make_perceiver(load_checkpoint(arguments.checkpoint), torch.device('cpu'), input_size=size)

    if 'sizes' in arguments.tables:
        print('size, data, outlines: Dice, boundary IoU, boundary F, network')
        judge_sizes(make, sets, arguments.sizes, most)
    if 'filters' in arguments.tables:
        print('\ndata, radius and smoothness: Dice, boundary IoU, boundary F, filter')
        judge_filters(make(), sets, most)
    if 'colours' in arguments.tables and rendered:
        print('\ndata, cast, normalised: Dice, boundary IoU, boundary F')
        judge_colours(make(), real, list(rendered.values()), most)


if __name__ == '__main__':
    main()
