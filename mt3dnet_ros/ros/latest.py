"""A thread that always works on the newest item, so that nothing queues."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar('T')


class LatestWorker(Generic[T]):
    """Works in a thread of its own on the item that was put last; a late item replaces one that still waits.

    :param work: called with every item that was not replaced
    :param on_error: called with what ``work`` raises; the thread goes on
    :param on_drop: called for every item that is never worked on
    """

    def __init__(
        self, work: Callable[[T], None], on_error: Callable[[Exception], None], on_drop: Callable[[], None]
    ) -> None:
        self._work = work
        self._on_error = on_error
        self._on_drop = on_drop
        self._waiting: list[T] = []
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name='latest-worker', daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        """Hand over an item and return at once; one that was still waiting is dropped."""
        with self._changed:
            self._drop_waiting()
            self._waiting.append(item)
            self._changed.notify()

    def stop(self, timeout: float) -> bool:
        """Drop what waits and end the thread; False where it still works after ``timeout`` seconds."""
        with self._changed:
            self._stopping = True
            self._drop_waiting()
            self._changed.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _drop_waiting(self) -> None:
        if self._waiting:
            self._waiting.clear()
            self._on_drop()

    def _take(self) -> T | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            return None if self._stopping else self._waiting.pop()

    def _run(self) -> None:
        while (item := self._take()) is not None:
            self._attempt(item)

    def _attempt(self, item: T) -> None:
        try:
            self._work(item)
        except Exception as error:
            self._on_error(error)
