"""How far the camera was told to go forward."""

from __future__ import annotations

from collections import deque


class ForwardWay:
    """Remembers ways forward, and when they were; a way back does not count, for an arm may lag behind.

    :param memory: seconds for which it is asked
    """

    def __init__(self, memory: float) -> None:
        self._memory = memory
        self._ways: deque[tuple[float, float]] = deque()  # when it ended, and metres

    def note(self, distance: float, end: float) -> None:
        """Take a distance in metres and the time at which it will lie behind, in seconds."""
        if self._ways and end < self._ways[-1][0]:  # the clock was set back
            self._ways.clear()
        while self._ways and end - self._ways[0][0] > self._memory:
            self._ways.popleft()
        if distance > 0.0:
            self._ways.append((end, distance))

    def since(self, time: float) -> float:
        """Return the metres since a time in seconds."""
        return sum(distance for end, distance in self._ways if end > time)
