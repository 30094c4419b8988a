"""Problems that matter once they have lasted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_FORGOTTEN = 5.0  # seconds after which nobody has said that a problem is still there


class LastingProblems:
    """Remembers since when each problem has been there; noted by one thread, read by another.

    :param clock: a steady clock in seconds
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._noted: dict[str, tuple[float, float, str]] = {}  # first and last time, and the newest words

    def note(self, kind: str, text: str) -> None:
        """Say how things are.

        :param kind: what it is about
        :param text: what is wrong; empty where nothing is
        """
        now = self._clock()
        with self._lock:
            if text:
                first, last, _ = self._noted.get(kind, (now, now, ''))
                self._noted[kind] = first if now - last <= _FORGOTTEN else now, now, text
            else:
                self._noted.pop(kind, None)

    def after(self, patience: float) -> dict[str, str]:
        """Return the words by kind of what has been wrong for longer than so many seconds, and still is."""
        now = self._clock()
        with self._lock:
            return {
                kind: text
                for kind, (first, last, text) in self._noted.items()
                if last - first >= patience and now - last <= _FORGOTTEN
            }
