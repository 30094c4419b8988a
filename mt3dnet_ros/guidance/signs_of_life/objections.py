"""What the robot, and the graph around it, say against commanding the arm."""

from __future__ import annotations

from collections.abc import Iterator

from mt3dnet_ros.guidance.reasons import Reason


class Objections:
    """Reasons that come from outside of guidance, each with its words; they hold until they are withdrawn."""

    def __init__(self) -> None:
        self._now: dict[Reason, str] = {}
        self._last: dict[Reason, str] = {}

    def note(self, reason: Reason, text: str) -> None:
        """Take what speaks against it; an empty text withdraws it."""
        if text:
            self._now[reason] = self._last[reason] = text
        else:
            self._now.pop(reason, None)

    def __iter__(self) -> Iterator[Reason]:
        return iter(tuple(self._now))

    def text(self, reason: Reason) -> str:
        """Return the words in which a reason was given last, of one that has latched too; empty for any other."""
        return self._last.get(reason, '')
