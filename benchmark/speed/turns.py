"""Several ways to do something, in turns, so that whatever else the machine does falls on all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spent:
    """What one way took in each turn, in milliseconds.

    :param wall: time that passed
    :param processor: time that this process's threads ran
    """

    wall: np.ndarray
    processor: np.ndarray


def in_turns(ways: Mapping[str, Callable[[], object]], turns: int, warm_up: int = 1) -> dict[str, Spent]:
    """Return what each way took.

    :param warm_up: turns before those, which are not counted
    """
    clocks: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(warm_up + turns):
        for name, way in ways.items():
            wall, processor = time.perf_counter(), time.process_time()
            way()
            clocks[name].append((time.perf_counter() - wall, time.process_time() - processor))
    return {name: Spent(*(1e3 * np.array(times[warm_up:])).T) for name, times in clocks.items()}
