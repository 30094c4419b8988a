"""Where a frame's time goes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager


class Stopwatch:
    """Seconds spent on each stage. A stage that is entered within another stops that one: no second counts twice.

    What is computed when it is first asked for is so counted where it belongs, not where it happens to be asked for.

    :param stages: their names
    """

    def __init__(self, stages: Iterable[str] = ()) -> None:
        self.seconds = dict.fromkeys(stages, 0.0)
        self._entered: list[str] = []
        self._since = 0.0

    @classmethod
    def going_on(cls, seconds: Mapping[str, float]) -> Stopwatch:
        """Return one that goes on from what another has measured."""
        watch = cls()
        watch.seconds = dict(seconds)
        return watch

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of a context as that of a stage."""
        self._count()
        self._entered.append(name)
        try:
            yield
        finally:
            self._count()
            self._entered.pop()

    def _count(self) -> None:
        now = time.perf_counter()
        if self._entered:
            stage = self._entered[-1]
            self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now
