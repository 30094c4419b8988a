"""What diagnostics say of a recording while it is made."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from mt3dnet_ros.ros.diagnostics import WARN, Finding

_WINDOW = 5.0  # seconds that a loss is news
_FULL = 0.5  # of the buffer
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Progress:
    """How far a recording is, in messages and bytes.

    :param taken: messages that came from the middleware and found room in the buffer
    :param lost: that did not, or that the middleware dropped
    :param waiting: bytes in the buffer
    :param topics: how many are recorded
    :param unpublished: of those that were asked for
    """

    taken: int
    lost: int
    waiting: int
    topics: int
    unpublished: int


class RecordingReport:
    """Judges a recording by how it goes on.

    :param limit: bytes that the buffer holds
    :param clock: a steady clock in seconds
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._lost: deque[tuple[float, int]] = deque([(clock(), 0)])  # when, and how many there were

    def findings(self, now: Progress) -> list[Finding]:
        """Return what a user should know now; to be called regularly."""
        lost = self._newly_lost(now.lost)
        found = []
        if lost:
            text = f'{lost} messages lost in the last {_WINDOW:.0f} s: the disk or the processor does not keep up; '
            found.append(Finding('lost', WARN, f'{text}record fewer topics, or set compression to none'))
        if now.waiting > _FULL * self._limit:
            share = 100 * now.waiting / self._limit
            text = f'{share:.0f} % of the buffer wait for the disk; what finds no room in it is lost'
            found.append(Finding('waiting', WARN, text))
        if not now.taken:
            missing = f'{now.unpublished} of {now.unpublished + now.topics} topics have no publisher'
            found.append(Finding('nothing', WARN, f'nothing has been recorded yet: {missing}'))
        return found

    def values(self, now: Progress) -> dict[str, str]:
        """Return the figures of now."""
        return {
            'messages': str(now.taken),
            'messages lost': str(now.lost),
            'waiting [MiB]': f'{now.waiting / _MEBIBYTE:.1f}',
            'buffer [MiB]': f'{self._limit / _MEBIBYTE:.0f}',
            'topics recorded': str(now.topics),
            'topics without publisher': str(now.unpublished),
        }

    def _newly_lost(self, lost: int) -> int:
        self._lost.append((self._clock(), lost))
        while self._lost[1][0] <= self._lost[-1][0] - _WINDOW:
            self._lost.popleft()
        return lost - self._lost[0][1]
