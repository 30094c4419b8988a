"""The stages of perception in one process: the network, and all that follows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from perception_worker import Worker

from mt3dnet_ros import load
from mt3dnet_ros.perception.perceiver import Perceiver
from speed.conditions import Conditions
from speed.findings import Finding, attempted, values
from speed.pictures import shipped_clip
from speed.tables import STAGE_GOALS, STAGES, Size, stage_case

_WARM_UP = 2  # frames

StageTimes = Mapping[str, np.ndarray]
"""Milliseconds of each frame by the name of a stage."""


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the best times of every stage."""
    perceivers: dict[str, Perceiver] = {}
    yield from make_perceivers(conditions.back_ends, perceivers, conditions.checkpoint)
    for size in STAGE_GOALS:
        for back_end, times in stage_times(perceivers, size, conditions.frames).items():
            yield from values(stage_case(size, back_end), {name: float(spent.min()) for name, spent in times.items()})


def make_perceivers(
    back_ends: Iterable[str], perceivers: dict[str, Perceiver], checkpoint: str = ''
) -> Iterator[Finding]:
    """Load the network for each back end, and yield why where that fails.

    :param perceivers: takes them, by the name of the back end
    :param checkpoint: its file; empty for the one that ships
    """

    def make(name: str) -> Iterator[Finding]:
        perceivers[name] = load(checkpoint, device='cpu', back_end=name)
        yield from ()

    for name in back_ends:
        yield from attempted(f'`{name}`', partial(make, name))


def stage_times(perceivers: Mapping[str, Perceiver], size: Size, frames: int) -> dict[str, StageTimes]:
    """Return what each perceiver spends on its stages; they take turns, frame by frame.

    :param perceivers: by name
    :param size: of the shipped clip's pictures
    """
    workers = {name: Worker(shipped_clip(), perceiver) for name, perceiver in perceivers.items()}
    for worker in workers.values():
        worker.resize(*size)
    spent: dict[str, list[Mapping[str, float]]] = {name: [] for name in workers}
    for index in range(_WARM_UP + frames):
        for name, worker in workers.items():
            spent[name].append(worker.stages(index))
    return {name: _by_stage(timings[_WARM_UP:]) for name, timings in spent.items()}


def _by_stage(timings: Sequence[Mapping[str, float]]) -> StageTimes:
    return {stage: 1e3 * np.array([timing[stage] for timing in timings]) for stage in STAGES}
