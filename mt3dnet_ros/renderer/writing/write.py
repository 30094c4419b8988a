"""Rendered data sets on disk: `mt3dnet render`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

import cv2
from tqdm import tqdm

from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.render import RenderedFrame, Shot, render
from mt3dnet_ros.renderer.scene.world import sample_world
from mt3dnet_ros.renderer.sequence import render_sequence
from mt3dnet_ros.renderer.streams import plan_stream
from mt3dnet_ros.renderer.writing.shards import SplitWriter

ORDER = ('val', 'test', 'train')  # the long one last


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
        writer.write(
            tqdm(
                frames, f'rendering {split}', plan.frames(split), initial=writer.frames_done, unit='frame', disable=None
            )
        )


def write_data_set(plan: RenderPlan, output: Path, processes: int = 1) -> None:
    """Render all splits into a folder; one without frames is left out, and one that was begun is continued.

    :raises DatasetError: the folder holds other files, or frames of another plan
    """
    for split in (name for name in ORDER if plan.scenes(name)):
        write_split(plan, split, output, processes)
