"""Rendered data sets on disk: `mt3dnet render`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

import cv2
from tqdm import tqdm

from mt3dnet_ros.renderer.domains.file import load_domain
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.render import RenderedFrame, Shot, render
from mt3dnet_ros.renderer.scene.world import sample_world
from mt3dnet_ros.renderer.sequence import render_sequence
from mt3dnet_ros.renderer.streams import plan_stream
from mt3dnet_ros.renderer.writing.shards import SplitWriter

ORDER = ('val', 'test', 'train')  # the long one last
DATA_HELP = (
    'folder that holds dvrk_model/ and, where present, laparoscopy/, scikit_surgery/ and needle/; '
    'none: tools of simple shapes'
)
DOMAIN_HELP = (
    'what to draw scenes from: endoscope (one robot), wide (any endoscope), laparoscopy (hand-held tools in a patient) '
    'or a YAML file like theirs'
)


def render_frame(plan: RenderPlan, split: str, index: int) -> RenderedFrame:
    """Render still frame ``index`` of a split; the same plan always gives the same frame."""
    rng = plan_stream(plan, split, index)
    world = sample_world(rng, plan.domain, *plan.rendered_size(), plan.data, plan.dvrk_model)
    return render(rng, world, plan.domain, Shot(plan.width, plan.height, plan.baseline))


def _still(plan: RenderPlan, split: str, index: int) -> list[RenderedFrame]:
    return [render_frame(plan, split, index)]


@contextmanager
def _frames(plan: RenderPlan, split: str, first: int, processes: int) -> Iterator[Iterator[RenderedFrame]]:
    scene = partial(render_sequence if plan.frames_per_sequence else _still, plan, split)
    indices = range(first, plan.scenes(split))
    if processes == 1:
        yield chain.from_iterable(map(scene, indices))
        return
    with get_context('spawn').Pool(processes, cv2.setNumThreads, (1,)) as pool:
        yield chain.from_iterable(pool.imap(scene, indices, chunksize=1 if plan.frames_per_sequence else 4))


def write_split(plan: RenderPlan, split: str, output: Path, processes: int) -> None:
    """Render what is left of one split into ``output/<split>``."""
    writer = SplitWriter(plan, split, output / split)
    left = plan.frames(split) - writer.frames_done
    if left == 0:
        return
    with _frames(plan, split, writer.scenes_done, processes) as frames:
        writer.write(tqdm(frames, f'rendering {split}', plan.frames(split), initial=writer.frames_done, unit='frame'))


def write_data_set(plan: RenderPlan, output: Path, processes: int = 1) -> None:
    """Render all splits into a folder; one without frames is left out, and one that was begun is continued.

    :raises DatasetError: the folder holds other files, or frames of another plan
    """
    for split in (name for name in ORDER if plan.scenes(name)):
        write_split(plan, split, output, processes)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `mt3dnet render`."""
    parser.add_argument('--data', type=Path, help=DATA_HELP)
    parser.add_argument(
        '--dvrk-model', type=Path, help='folder of the dVRK model (urdf_flat/, meshes/), if not in --data'
    )
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
    parser.add_argument(
        '--stereo',
        type=float,
        default=0.0,
        metavar='BASELINE_MM',
        help='render what a second camera sees, too, so many millimetres to the right; 0: none',
    )
    parser.add_argument('--rate', type=float, default=RenderPlan.rate, help='frames per second in a sequence')
    parser.add_argument('--width', type=int, default=RenderPlan.width, help='columns of a frame, pixels')
    parser.add_argument('--height', type=int, default=RenderPlan.height, help='rows of a frame, pixels')
    parser.add_argument('--seed', type=int, default=RenderPlan.seed)
    parser.add_argument('--processes', type=int, default=os.cpu_count())


def run(arguments: argparse.Namespace) -> int:
    """Render a data set."""
    names = ('data', 'dvrk_model', 'train', 'val', 'test', 'height', 'width', 'seed', 'frames_per_sequence', 'rate')
    values = {name: getattr(arguments, name) for name in names} | {'baseline': 1e-3 * arguments.stereo}
    plan = RenderPlan(domain=load_domain(arguments.domain), **values)
    write_data_set(plan, arguments.output, arguments.processes)
    return 0
