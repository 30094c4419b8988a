"""Rendered data sets on disk: `mt3dnet render`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NoReturn

import cv2
from tqdm import tqdm

from mt3dnet_ros.distribution.workers import Report, ThisProcess, Workers
from mt3dnet_ros.renderer.plan import RenderPlan
from mt3dnet_ros.renderer.render import RenderedFrame, Shot, render
from mt3dnet_ros.renderer.scene.world import sample_world
from mt3dnet_ros.renderer.sequence import render_sequence
from mt3dnet_ros.renderer.streams import plan_stream
from mt3dnet_ros.renderer.writing.shards import SplitWriter

ORDER = ('val', 'test', 'train')  # the long one last
_BACKLOG = 4  # scenes per worker that may wait to be written


def render_frame(plan: RenderPlan, split: str, index: int) -> RenderedFrame:
    """Render still frame ``index`` of a split; the same plan always gives the same frame."""
    rng = plan_stream(plan, split, index)
    world = sample_world(rng, plan.domain, *plan.rendered_size(), plan.data, plan.dvrk_model)
    return render(rng, world, plan.domain, Shot(plan.width, plan.height, plan.baseline))


class _Scenes:
    """Renders scenes of one split; progress is that of the frames that are written."""

    def __init__(self, plan: RenderPlan, split: str) -> None:
        self._plan, self._split = plan, split

    def __call__(self, index: int, report: Report) -> list[RenderedFrame]:
        """Return the frames of a scene."""
        if self._plan.frames_per_sequence:
            return render_sequence(self._plan, self._split, index)
        return [render_frame(self._plan, self._split, index)]


def _open_alone(plan: RenderPlan, split: str) -> _Scenes:
    """Return what renders in one of several processes."""
    cv2.setNumThreads(1)
    return _Scenes(plan, split)


def write_data_set(plan: RenderPlan, output: Path, workers: Workers | None = None) -> None:
    """Render all splits into a folder; one without frames is left out, and one that was begun is continued.

    :param workers: of whichever machines; this process writes what they render. None renders here, too
    :raises DatasetError: the folder holds other files, or frames of another plan
    """
    writers = {split: SplitWriter(plan, split, output / split) for split in ORDER if plan.scenes(split)}
    done = sum(writer.frames_done for writer in writers.values())
    with tqdm(desc='rendering', total=sum(map(plan.frames, writers)), initial=done, unit='frame', disable=None) as bar:
        for split, writer in writers.items():
            if writer.frames_done < plan.frames(split):
                _write_split(plan, split, writer, workers or ThisProcess(), bar)


def _write_split(plan: RenderPlan, split: str, writer: SplitWriter, workers: Workers, bar: tqdm[NoReturn]) -> None:
    open_task = partial(_Scenes if isinstance(workers, ThisProcess) else _open_alone, plan, split)
    scenes = workers.run(open_task, range(writer.scenes_done, plan.scenes(split)), backlog=_BACKLOG)
    with closing(scenes):
        writer.write(_counted(chain.from_iterable(scenes), bar))


def _counted(frames: Iterable[RenderedFrame], bar: tqdm[NoReturn]) -> Iterator[RenderedFrame]:
    for frame in frames:
        yield frame
        bar.update()
