"""The state machine of guidance: when the camera may move, and for which reason it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from mt3dnet_ros.guidance.reasons import Reason


class State(Enum):
    """State of guidance."""

    DISABLED = 'disabled'
    HOLDING = 'holding'
    GUIDING = 'guiding'


@dataclass(frozen=True)
class Stop:
    """A moment at which guidance ended.

    :param time: seconds
    """

    time: float
    reason: Reason


class Supervisor:
    """Disabled until it is enabled; then holding or guiding, as the conditions are.

    Reasons that latch disable: someone must look and enable again. After any other reason guidance goes on by itself
    once all conditions have held for a while.

    :param resume_delay: that while, seconds
    """

    def __init__(self, resume_delay: float) -> None:
        self._resume_delay = resume_delay
        self._enabled = False
        self._latched: Reason | None = None  # what disabled it, until someone enables or disables
        self._good_since: float | None = None
        self.state = State.DISABLED
        self.reason: Reason | None = Reason.NOT_ENABLED
        self.stops: Counter[Reason] = Counter()
        self.last_stop: Stop | None = None

    def enable(self, wanted: bool) -> None:
        """Allow guidance, or not; motion begins, or ends, with the next ``update``."""
        if wanted and not self._enabled:
            self._good_since = None
        self._enabled, self._latched = wanted, None

    def update(self, now: float, problems: Iterable[Reason]) -> bool:
        """Take the problems of this moment and return whether the camera may move.

        :param now: seconds
        :param problems: all reasons that hold now; what disables is looked at only while enabled
        """
        reason = self._first(problems) if self._enabled else self._latched or Reason.NOT_ENABLED
        if reason is None:
            reason = self._settle(now)
        else:
            self._good_since = None
        self._change(now, reason)
        return self.state is State.GUIDING

    def _first(self, problems: Iterable[Reason]) -> Reason | None:
        found = set(problems)
        return next((reason for reason in Reason if reason in found), None)

    def _settle(self, now: float) -> Reason | None:
        if self._good_since is None:
            self._good_since = now
        return Reason.SETTLING if now - self._good_since < self._resume_delay else None

    def _change(self, now: float, reason: Reason | None) -> None:
        if reason and self.state is State.GUIDING:
            self.stops[reason] += 1
            self.last_stop = Stop(now, reason)
        if self._enabled and reason and reason.latches:
            self._enabled, self._latched = False, reason
        self.reason = reason
        if reason is None:
            self.state = State.GUIDING
        else:
            self.state = State.HOLDING if self._enabled else State.DISABLED
