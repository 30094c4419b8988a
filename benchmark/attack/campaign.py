"""Many attacks in processes of their own, whose end, silence or appetite is noticed, and what came of them."""

from __future__ import annotations

import multiprocessing.connection
import os
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from attack.target import Target, attack
from speed.child import SPAWN, end_child, start_child

MEMORY = 512_000_000  # bytes of address space that a process may take beyond what it has once it works
SILENCE = 30.0  # seconds that one attack may take, on a machine with nothing else to do
_WARM = 100  # attacks before memory is looked at
_STREAM = 1_000  # attacks on one stream, before another is opened
_BATCH = 100  # attacks between two words to the parent
_MOST_FOUND = 20  # things that must not be, of one target, after which it is left alone


class Found(NamedTuple):
    """Something that must not be.

    :param number: of the attack, by which it can be repeated
    """

    target: str
    number: int
    text: str


@dataclass
class Toll:
    """What came of the attacks on one target.

    :param reasons: how often what was refused, by the kind of reason
    :param growth: bytes by which the process grew once it worked, at most
    :param seconds: that the attacks took
    """

    target: str
    taken: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)
    growth: int = 0
    seconds: float = 0.0

    def add(self, more: Toll) -> None:
        """Take what came of further attacks."""
        self.taken += more.taken
        self.reasons.update(more.reasons)
        self.found += more.found
        self.growth = max(self.growth, more.growth)
        self.seconds += more.seconds

    @property
    def refused(self) -> int:
        """Things that were refused with a reason."""
        return sum(self.reasons.values())

    @property
    def attacks(self) -> int:
        """All of them."""
        return self.taken + self.refused + len(self.found)


def patience(seconds: float) -> float:
    """Return how long something may take that takes ``seconds`` on a machine with nothing else to do."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


class Job(NamedTuple):
    """Attacks on one target, from one number up to, but not with, another."""

    target: str
    first: int
    last: int


def run(loader: Callable[[], Sequence[Target]], jobs: Sequence[Job], seed: int) -> dict[str, Toll]:
    """Do all jobs, one after another in one process, or in more where one ends before its time.

    :param loader: returns the targets; it is called in the process that is attacked
    :return: what came of them, by the names of the targets
    """
    tolls = {job.target: Toll(job.target) for job in jobs}
    left = list(jobs)
    while left:
        left = _run_once(loader, left, seed, tolls)
        left = [job for job in left if len(tolls[job.target].found) < _MOST_FOUND]
    return tolls


def _run_once(loader: Callable[[], Sequence[Target]], jobs: list[Job], seed: int, tolls: dict[str, Toll]) -> list[Job]:
    """Work in one process until all is done or it ends; return what is left to do."""
    here, there = SPAWN.Pipe(duplex=False)
    at: Any = SPAWN.Array('q', [0, jobs[0].first], lock=False)  # index of the job, number of the attack
    process = start_child(_work, loader, jobs, seed, there, at)
    there.close()
    try:
        for word in _words(here, process):
            if isinstance(word, str):
                job = jobs[at[0]]
                tolls[job.target].found.append(Found(job.target, at[1], word))
                return [Job(job.target, at[1] + 1, job.last), *jobs[at[0] + 1 :]]
            tolls[word.target].add(word)
    finally:
        end_child(process)
    return []


def _words(here: Connection, process: BaseProcess) -> Iterator[Toll | str]:
    """Yield what the process says; a text says how it ended before its time."""
    limit = patience(SILENCE) * 3  # its start included
    while True:
        if not multiprocessing.connection.wait([here], limit):
            yield f'silent for {limit:.0f} s'
            return
        limit = patience(SILENCE)
        try:
            word = here.recv()
        except EOFError:
            process.join(5.0)
            yield f'the process ended with {process.exitcode}'
            return
        if word is None:
            return
        yield word


def _work(loader: Callable[[], Sequence[Target]], jobs: Sequence[Job], seed: int, parent: Connection, at: Any) -> None:
    _be_quiet()
    targets = {target.name: target for target in loader()}
    for index, job in enumerate(jobs):
        at[0], at[1] = index, job.first
        teller = _Teller(job.target, parent)
        for number in range(job.first, job.last, _STREAM):
            with targets[job.target].open() as take:
                for attacked in range(number, min(number + _STREAM, job.last)):
                    at[1] = attacked
                    teller.note(targets[job.target], take, seed, attacked)
                    if attacked - job.first == min(_WARM, (job.last - job.first) // 2):
                        teller.watch_memory()
        teller.send()
    parent.send(None)


class _Teller:
    """Tells the parent now and then what came of the attacks on a target."""

    def __init__(self, target: str, parent: Connection) -> None:
        self._target, self._parent = target, parent
        self._base = 0
        self._begin()

    def _begin(self) -> None:
        self._toll, self._said = Toll(self._target), time.monotonic()

    def note(self, target: Target, take: Callable[[Any], str], seed: int, number: int) -> None:
        try:
            reason = attack(target, take, seed, number)
        except Exception:
            self._toll.found.append(Found(target.name, number, traceback.format_exc(limit=-6)))
        else:
            self._toll.taken += not reason
            self._toll.reasons.update([reason] if reason else [])
        if self._toll.attacks >= _BATCH or time.monotonic() - self._said > 1.0:
            self.send()

    def watch_memory(self) -> None:
        """Limit from now on what the process may take, and tell how much that is at most."""
        Path('/proc/self/clear_refs').write_text('5')  # forgets the peak
        most = _of_status('VmSize') + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))
        self._base = _of_status('VmRSS')

    def send(self) -> None:
        self._toll.growth = _of_status('VmHWM') - self._base if self._base else 0
        self._toll.seconds = time.monotonic() - self._said
        self._parent.send(self._toll)
        self._begin()


def _be_quiet() -> None:
    """Leave out what C libraries print of damaged files."""
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    with suppress(ImportError):
        import cv2

        cv2.setNumThreads(1)


def _of_status(name: str) -> int:
    """Return bytes of which /proc tells."""
    for line in Path('/proc/self/status').read_text().splitlines():
        if line.startswith(name):
            return 1024 * int(line.split()[1])
    return 0
