"""A running node minute by minute, with faults or without, and what of it is not as it was at first."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from speed.faults import FAULTS, KILLED, accustom, befall
from speed.measurement import Measurement
from speed.node_under_load import EVERY_OUTPUT, NodeUnderLoad
from speed.process_use import ProcessUse
from speed.tables import Size

DROPPED = 0.02  # of a minute's images, at most
GROWTH = 0.01  # of what a process uses, from the end of its first minute to the end of its last
LATER = 1.2  # 99th percentile of latency in the last third, by that of the first
USES = ('memory', 'descriptors', 'threads', 'shared_files')
_SETTLE = 3.0  # seconds


@dataclass(frozen=True)
class Minute:
    """What one minute was like.

    :param life: number of the node's process, from 1: a kill begins another one
    :param fault: its name; empty for none
    :param recovered: seconds after the fault until every output came again
    """

    number: int
    life: int
    measured: Measurement
    fault: str = ''
    recovered: float = 0.0


def minutes_of(
    node: NodeUnderLoad, size: Size, count: int, seconds: float = 60.0, seed: int | None = None
) -> Iterator[Minute]:
    """Measure minute after minute; each but the first begins with a fault where there is a seed.

    The node is killed twice, so that each of its three lives is long enough to grow in; where there are faults, each
    life is shown every size of camera before it is measured.

    :param size: of the camera
    :param seconds: of a minute
    :param seed: of the random faults; None lets none happen
    :raises NodeError: the node does not recover from one
    """
    chance, life = random.Random(seed), 1
    faults = faults_of(chance, count)
    node.subscribe(EVERY_OUTPUT)
    node.spin(_SETTLE)
    if seed is not None:
        accustom(node, size)
    for number in range(1, count + 1):
        fault, recovered = '', 0.0
        if seed is not None and number > 1:
            fault = next(faults)
            recovered = befall(node, fault, size, chance)
            if fault == KILLED:
                life += 1
                accustom(node, size)
            node.spin(_SETTLE)
        yield Minute(number, life, node.measure(EVERY_OUTPUT, seconds, settle=0.0), fault, recovered)


def faults_of(chance: random.Random, count: int) -> Iterator[str]:
    """Yield what goes wrong in each minute from the second on: a kill twice, of the others each before any again.

    :param count: minutes
    """
    others = [name for name in FAULTS if name != KILLED]
    life = max(len(FAULTS), count // 3)
    waiting: list[str] = []
    for number in range(1, count):
        waiting = waiting or chance.sample(others, len(others))
        yield KILLED if number % life == 0 else waiting.pop()


def judge(minutes: Sequence[Minute]) -> list[str]:
    """Return what is wrong, in words."""
    lives = [list(life) for _, life in groupby(minutes, lambda minute: minute.life)]
    return [*_drops(minutes), *_latency(minutes), *(text for life in lives for text in _growth(life))]


def _drops(minutes: Sequence[Minute]) -> Iterator[str]:
    for minute in minutes:
        if not minute.measured.dropped <= DROPPED:
            share, most = 100.0 * minute.measured.dropped, 100.0 * DROPPED
            yield f'minute {minute.number}: {share:.1f} % of the images dropped, more than {most:g} %'


def _latency(minutes: Sequence[Minute]) -> Iterator[str]:
    third = max(1, len(minutes) // 3)
    tails = [minute.measured.latency(99) for minute in minutes]
    first, last = np.median(tails[:third]), np.median(tails[-third:])
    if not last <= LATER * first:
        yield f'the 99th percentile of latency went from {first:.1f} to {last:.1f} ms, by more than {LATER:g} times'


def _growth(life: Sequence[Minute]) -> Iterator[str]:
    first, last = life[0], life[-1]
    for name in USES:
        before, after = _used(first.measured.use, name), _used(last.measured.use, name)
        if after > before * (1.0 + GROWTH):
            growth = 100.0 * (after / before - 1.0) if before else float('inf')
            yield (
                f'{name.replace("_", " ")} grew from {before:.0f} to {after:.0f}, by {growth:.1f} %, from minute '
                f'{first.number} to {last.number}'
            )


def _used(use: ProcessUse, name: str) -> float:
    return float(getattr(use, name))
