"""Pauses of the process: it was stopped, swapped out or starved, and what it knows is of before."""

from __future__ import annotations


class PauseMonitor:
    """Compares the time of a cycle with that of the cycle before, by every clock that is at hand.

    A clock that was set back says nothing of the time between: that counts as a pause too.

    :param longest: time between two cycles that is no pause, seconds
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._last: tuple[float, ...] = ()

    def note(self, *times: float) -> bool:
        """Note a cycle, and return whether a pause came before it.

        :param times: of now by each clock, in seconds
        """
        before, self._last = self._last, times
        return any(not 0.0 <= now - last <= self._longest for now, last in zip(times, before, strict=False))
