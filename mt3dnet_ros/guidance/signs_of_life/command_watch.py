"""Whether the commands of a motion have ended without a rest: what sent them was killed, or stopped."""

from __future__ import annotations


class CommandWatch:
    """Watches commands that must come regularly while they are of a motion.

    :param timeout: the longest time between two of them, seconds
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._last: float | None = None  # when the last command of a motion came; None after a rest

    def take(self, moving: bool, now: float) -> None:
        """Take a command.

        :param now: seconds
        """
        self._last = now if moving else None

    def broken_off(self, now: float) -> bool:
        """Return whether the last command was of a motion, and the next one is late."""
        return self._last is not None and not 0.0 <= now - self._last <= self._timeout
