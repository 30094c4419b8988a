"""Decoding in the background, ahead of the time when a picture is due."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Condition, Thread
from typing import Generic, TypeVar

Item = TypeVar('Item')


class ReadAhead(Generic[Item]):
    """Draws items from an iterable in a thread of its own.

    :param depth: how many items it draws ahead
    :param newest_only: replace a waiting item instead of pausing the iterable: for sources that do not wait
    """

    def __init__(self, items: Iterable[Item], depth: int = 4, newest_only: bool = False) -> None:
        self._items = items
        self._depth = 1 if newest_only else depth
        self._newest_only = newest_only
        self._ready: deque[Item] = deque(maxlen=self._depth)
        self._change = Condition()
        self._closed = False
        self._ended = False
        self._error: Exception | None = None
        self.replaced = 0
        self._thread = Thread(target=self._draw, name='read ahead', daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether every item has been taken."""
        with self._change:
            return self._ended and not self._ready

    def take(self) -> Item | None:
        """Return the next item, or None where none is ready.

        :raises Exception: what the iterable raised, once the items before are taken
        """
        with self._change:
            if self._ready:
                item = self._ready.popleft()
                self._change.notify()
                return item
            if self._error:
                raise self._error
            return None

    def close(self) -> None:
        """Stop drawing."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._thread.join(timeout=2.0)

    def _draw(self) -> None:
        try:
            for item in self._items:
                if not self._add(item):
                    return
        except Exception as error:  # raised again where items are taken
            self._error = error
        finally:
            with self._change:
                self._ended = True

    def _add(self, item: Item) -> bool:
        with self._change:
            if self._newest_only:
                self.replaced += len(self._ready)
            else:
                self._change.wait_for(lambda: len(self._ready) < self._depth or self._closed)
            self._ready.append(item)
            return not self._closed
