"""Rendered data sets on disk: memory-mappable arrays, one folder per split."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.lib.format import open_memmap
from tqdm import tqdm

from mt3dnet_ros.datasets.renderer.domain import Domain
from mt3dnet_ros.datasets.renderer.domain_file import load_domain
from mt3dnet_ros.datasets.renderer.render import RenderedFrame, render
from mt3dnet_ros.datasets.renderer.world import sample_world

# A split's place enters the seed of its frames. The long one is written last.
SPLITS = ('train', 'val', 'test')
ORDER = ('val', 'test', 'train')
DATA_HELP = 'folder that holds dvrk_model/ and, where present, laparoscopy/ and scikit_surgery/'
DOMAIN_HELP = 'what to draw scenes from: endoscope (one robot), wide (any endoscope) or a YAML file like theirs'
ARRAYS = {
    'image': ('images', np.uint8),
    'types': ('types', np.uint8),
    'parts': ('parts', np.uint8),
    'instances': ('instances', np.uint8),
    'depth': ('depth', np.float16),
}


@dataclass(frozen=True)
class RenderPlan:
    """What to render.

    :param data: folder that holds ``dvrk_model/`` and, where present, ``laparoscopy/`` and ``scikit_surgery/``
    :param domain: what scenes are drawn from
    :param train: number of frames for training, ``val`` for validation and ``test`` for the final figures
    :param height: rows of a frame, and ``width`` its columns
    :param oversampling: rays per pixel along each side
    """

    data: Path
    domain: Domain
    train: int = 3000
    val: int = 150
    test: int = 300
    height: int = 288
    width: int = 360
    oversampling: float = 1.25
    seed: int = 0


def render_frame(plan: RenderPlan, split: str, index: int) -> RenderedFrame:
    """Render frame ``index`` of a split; the same plan always gives the same frame."""
    rng = np.random.default_rng([plan.seed, SPLITS.index(split), index])
    width, height = (round(plan.oversampling * n) for n in (plan.width, plan.height))
    world = sample_world(rng, plan.domain, width, height, plan.data)
    return render(rng, world, plan.domain.video, plan.width, plan.height)


def _boxes(frame: RenderedFrame) -> Iterator[list[int]]:
    for instance in np.unique(frame.instances[frame.instances > 0]):
        rows, columns = np.nonzero(frame.instances == instance)
        x, y = int(columns.min()), int(rows.min())
        yield [int(frame.types[rows[0], columns[0]]), x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1]


def _facts(frame: RenderedFrame) -> dict[str, object]:
    camera = frame.camera
    return {'fx': camera.fx, 'fy': camera.fy, 'cx': camera.cx, 'cy': camera.cy, 'boxes': list(_boxes(frame))}


@contextmanager
def _frames(plan: RenderPlan, split: str, processes: int) -> Iterator[Iterator[RenderedFrame]]:
    one, indices = partial(render_frame, plan, split), range(getattr(plan, split))
    if processes == 1:
        yield map(one, indices)
        return
    with get_context('spawn').Pool(processes, cv2.setNumThreads, (1,)) as pool:
        yield pool.imap(one, indices, chunksize=4)


def write_split(plan: RenderPlan, split: str, output: Path, processes: int) -> None:
    """Render one split into ``output/<split>``: five ``.npy`` arrays and ``frames.json``."""
    count, folder = getattr(plan, split), output / split
    folder.mkdir(parents=True, exist_ok=True)
    shapes = {field: (count, plan.height, plan.width) + ((3,) if field == 'image' else ()) for field in ARRAYS}
    arrays = {f: open_memmap(folder / f'{n}.npy', 'w+', dtype, shapes[f]) for f, (n, dtype) in ARRAYS.items()}
    facts = []
    with _frames(plan, split, processes) as frames:
        for index, frame in enumerate(tqdm(frames, f'rendering {split}', count, unit='frame')):
            for field, array in arrays.items():
                array[index] = getattr(frame, field)
            facts.append(_facts(frame))
    (folder / 'frames.json').write_text(json.dumps(facts))


def write_data_set(plan: RenderPlan, output: Path, processes: int = 1) -> None:
    """Render all splits into a folder; one without frames is left out."""
    for split in (name for name in ORDER if getattr(plan, name)):
        write_split(plan, split, output, processes)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `mt3dnet render`."""
    parser.add_argument('--data', type=Path, required=True, help=DATA_HELP)
    parser.add_argument('--output', type=Path, required=True, help='folder to write train/, val/ and test/ into')
    parser.add_argument('--domain', default='wide', help=DOMAIN_HELP)
    parser.add_argument('--train', type=int, default=RenderPlan.train, help='frames for training')
    parser.add_argument('--val', type=int, default=RenderPlan.val, help='frames for validation')
    parser.add_argument('--test', type=int, default=RenderPlan.test, help='frames for the final figures')
    parser.add_argument('--width', type=int, default=RenderPlan.width, help='columns of a frame, pixels')
    parser.add_argument('--height', type=int, default=RenderPlan.height, help='rows of a frame, pixels')
    parser.add_argument('--seed', type=int, default=RenderPlan.seed)
    parser.add_argument('--processes', type=int, default=os.cpu_count())


def run(arguments: argparse.Namespace) -> int:
    """Render a data set."""
    names = ('data', 'train', 'val', 'test', 'height', 'width', 'seed')
    plan = RenderPlan(domain=load_domain(arguments.domain), **{name: getattr(arguments, name) for name in names})
    write_data_set(plan, arguments.output, arguments.processes)
    return 0
