"""A sign of life that is repeated, and how long ago it was."""

from __future__ import annotations

_NEVER = float('-inf')


class Heartbeat:
    """Beats that come again and again; a single one proves nothing of those to come.

    :param timeout: the longest time between two beats, seconds
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self.forget()

    def forget(self) -> None:
        """Be as before the first beat."""
        self._last = self._before = _NEVER

    def beat(self, now: float) -> None:
        """Note a beat.

        :param now: seconds
        """
        self._before, self._last = self._last, now

    def lives(self, now: float) -> bool:
        """Return whether the last two beats came in time, and the next one is not late."""
        return all(0.0 <= gap <= self._timeout for gap in (now - self._last, self._last - self._before))
