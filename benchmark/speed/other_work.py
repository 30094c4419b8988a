"""How busy the machine is with anything but what is measured."""

from __future__ import annotations

import os
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

_TICKS = os.sysconf('SC_CLK_TCK')


class OtherWork:
    """Other work on the machine since this was made: not that of this process, nor of children that have ended."""

    def __init__(self) -> None:
        self._start, self._busy, self._own = time.monotonic(), machine_busy(), _own()

    def seconds(self) -> float:
        """Return how long that is."""
        return time.monotonic() - self._start

    def cores(self) -> float:
        """Return how many cores worked on it, on average."""
        return max(0.0, machine_busy() - self._busy - (_own() - self._own)) / self.seconds()


def machine_busy() -> float:
    """Return the seconds that all processors of the machine have worked since it started."""
    words = Path('/proc/stat').read_text(encoding='ascii').split('\n', 1)[0].split()
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts = map(int, words[1:8])
    return (user + nice + system + interrupts + soft_interrupts) / _TICKS


def _own() -> float:
    """Return the seconds that this process, and those that it has waited for, have run."""
    return sum(use.ru_utime + use.ru_stime for use in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))
