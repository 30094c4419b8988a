"""The newest messages of several topics, for one that takes them more slowly than they come."""

from __future__ import annotations

import threading
from collections import Counter, deque


class NewestMessages:
    """Holds so many of the newest messages of each topic; older ones are dropped and counted.

    :param depths: messages to hold by topic; 1 where not named
    """

    def __init__(self, depths: dict[str, int]) -> None:
        self._depths = depths
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[bytes]] = {}
        self.received: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    def put(self, topic: str, data: bytes) -> None:
        """Add a message."""
        with self._lock:
            waiting = self._waiting.setdefault(topic, deque(maxlen=self._depths.get(topic, 1)))
            self.skipped[topic] += len(waiting) == waiting.maxlen
            self.received[topic] += 1
            waiting.append(data)

    def take(self) -> list[tuple[str, bytes]]:
        """Return and forget what waits, by topics in the order in which their first message came."""
        with self._lock:
            taken = [(topic, data) for topic, waiting in self._waiting.items() for data in waiting]
            for waiting in self._waiting.values():
                waiting.clear()
            return taken
