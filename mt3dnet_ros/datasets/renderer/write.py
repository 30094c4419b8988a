"""Rendered data sets on disk: memory-mappable arrays, one folder per split."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.lib.format import open_memmap
from tqdm import tqdm

from mt3dnet_ros.datasets.renderer.domain_file import load_domain
from mt3dnet_ros.datasets.renderer.plan import SPLITS, RenderPlan
from mt3dnet_ros.datasets.renderer.render import RenderedFrame, Shot, render
from mt3dnet_ros.datasets.renderer.sequence import render_sequence
from mt3dnet_ros.datasets.renderer.world import sample_world

ORDER = ('val', 'test', 'train')  # the long one last
DATA_HELP = 'folder that holds dvrk_model/ and, where present, laparoscopy/ and scikit_surgery/'
DOMAIN_HELP = 'what to draw scenes from: endoscope (one robot), wide (any endoscope) or a YAML file like theirs'
ARRAYS = {
    'image': ('images', np.uint8),
    'types': ('types', np.uint8),
    'parts': ('parts', np.uint8),
    'instances': ('instances', np.uint8),
    'depth': ('depth', np.float16),
}


def render_frame(plan: RenderPlan, split: str, index: int) -> RenderedFrame:
    """Render still frame ``index`` of a split; the same plan always gives the same frame."""
    rng = np.random.default_rng([plan.seed, SPLITS.index(split), index])
    world = sample_world(rng, plan.domain, *plan.rendered_size(), plan.data)
    return render(rng, world, plan.domain, Shot(plan.width, plan.height, plan.baseline))


def _boxes(frame: RenderedFrame) -> Iterator[list[int]]:
    for instance in np.unique(frame.instances[frame.instances > 0]):
        rows, columns = np.nonzero(frame.instances == instance)
        x, y = int(columns.min()), int(rows.min())
        yield [int(frame.types[rows[0], columns[0]]), x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1]


def _facts(plan: RenderPlan, index: int, frame: RenderedFrame) -> dict[str, object]:
    camera, facts = frame.camera, {}
    if plan.frames_per_sequence:
        facts['sequence'], facts['frame'] = divmod(index, plan.frames_per_sequence)
    return {'fx': camera.fx, 'fy': camera.fy, 'cx': camera.cx, 'cy': camera.cy, 'boxes': list(_boxes(frame))} | facts


def _still(plan: RenderPlan, split: str, index: int) -> list[RenderedFrame]:
    return [render_frame(plan, split, index)]


@contextmanager
def _frames(plan: RenderPlan, split: str, processes: int) -> Iterator[Iterator[RenderedFrame]]:
    scene = partial(render_sequence if plan.frames_per_sequence else _still, plan, split)
    indices = range(plan.scenes(split))
    if processes == 1:
        yield chain.from_iterable(map(scene, indices))
        return
    with get_context('spawn').Pool(processes, cv2.setNumThreads, (1,)) as pool:
        yield chain.from_iterable(pool.imap(scene, indices, chunksize=1 if plan.frames_per_sequence else 4))


def write_split(plan: RenderPlan, split: str, output: Path, processes: int) -> None:
    """Render one split into ``output/<split>``: five ``.npy`` arrays and ``frames.json``."""
    count, folder = plan.frames(split), output / split
    folder.mkdir(parents=True, exist_ok=True)
    shapes = {field: (count, plan.height, plan.width) + ((3,) if field == 'image' else ()) for field in ARRAYS}
    arrays = {f: open_memmap(folder / f'{n}.npy', 'w+', dtype, shapes[f]) for f, (n, dtype) in ARRAYS.items()}
    facts = []
    with _frames(plan, split, processes) as frames:
        for index, frame in enumerate(tqdm(frames, f'rendering {split}', count, unit='frame')):
            for field, array in arrays.items():
                array[index] = getattr(frame, field)
            facts.append(_facts(plan, index, frame))
    (folder / 'frames.json').write_text(json.dumps(facts))


def write_data_set(plan: RenderPlan, output: Path, processes: int = 1) -> None:
    """Render all splits into a folder; one without frames is left out."""
    for split in (name for name in ORDER if plan.scenes(name)):
        write_split(plan, split, output, processes)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `mt3dnet render`."""
    parser.add_argument('--data', type=Path, required=True, help=DATA_HELP)
    parser.add_argument('--output', type=Path, required=True, help='folder to write train/, val/ and test/ into')
    parser.add_argument('--domain', default='wide', help=DOMAIN_HELP)
    parser.add_argument('--train', type=int, default=RenderPlan.train, help='scenes for training')
    parser.add_argument('--val', type=int, default=RenderPlan.val, help='scenes for validation')
    parser.add_argument('--test', type=int, default=RenderPlan.test, help='scenes for the final figures')
    parser.add_argument(
        '--frames-per-sequence',
        type=int,
        default=RenderPlan.frames_per_sequence,
        metavar='T',
        help='render a sequence of T frames of each scene, in which tools, camera and tissue move; 0: a still frame',
    )
    parser.add_argument('--rate', type=float, default=RenderPlan.rate, help='frames per second in a sequence')
    parser.add_argument('--width', type=int, default=RenderPlan.width, help='columns of a frame, pixels')
    parser.add_argument('--height', type=int, default=RenderPlan.height, help='rows of a frame, pixels')
    parser.add_argument('--seed', type=int, default=RenderPlan.seed)
    parser.add_argument('--processes', type=int, default=os.cpu_count())


def run(arguments: argparse.Namespace) -> int:
    """Render a data set."""
    names = ('data', 'train', 'val', 'test', 'height', 'width', 'seed', 'frames_per_sequence', 'rate')
    plan = RenderPlan(domain=load_domain(arguments.domain), **{name: getattr(arguments, name) for name in names})
    write_data_set(plan, arguments.output, arguments.processes)
    return 0
