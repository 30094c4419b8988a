"""What perception published of one image, out of messages that come one by one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

_KEPT = 4  # images, of which something has come
_LATE = 1_000_000_000  # nanoseconds by which something may come after what is newer


class StampMatcher:
    """Keeps what comes until everything of one image is there.

    :param kinds: what belongs to an image, such as ``detections``
    :param optional: what may never come; it is waited for as long as it does
    :param kept: images, of which something has come, that are waited for
    """

    def __init__(self, kinds: Collection[str], optional: Collection[str] = (), kept: int = _KEPT) -> None:
        self._kinds, self._optional, self._kept = frozenset(kinds), frozenset(optional), kept
        self._expected: frozenset[str] = frozenset()  # of what is optional
        self._waiting: dict[int, dict[str, Any]] = {}
        self._last = -_LATE  # stamp of the last image that was complete
        self.incomplete = 0  # images of which something never came
        self.late = 0  # of which something that is needed came after all of a newer one

    def take(self, kind: str, stamp: int, item: Any) -> dict[str, Any] | None:
        """Take something; return everything of its image by kind where it is the last of it, else None.

        :param stamp: of the image, nanoseconds
        """
        if self._last - _LATE < stamp <= self._last:
            self._expected |= {kind} & self._optional if stamp == self._last else set()
            self.late += stamp < self._last and kind in self._kinds
            return None
        if stamp < self._last:  # the clock was set, or a recording begins again
            self._waiting.clear()
            self._last = -_LATE
        self._waiting.setdefault(stamp, {})[kind] = item
        if self._has_all(stamp):
            return self._complete(stamp)
        self._forget_all_but(self._kept)
        return None

    def _has_all(self, stamp: int) -> bool:
        if not self._waiting[stamp].keys() >= self._kinds:
            return False
        if any(other < stamp and parts.keys() >= self._kinds for other, parts in self._waiting.items()):
            self._expected = frozenset()  # it did not come for the image before
        return self._waiting[stamp].keys() >= self._expected

    def _complete(self, stamp: int) -> dict[str, Any]:
        parts = self._waiting.pop(stamp)
        self._last = stamp
        self._expected = self._optional & parts.keys()
        for older in [other for other in self._waiting if other < stamp]:
            del self._waiting[older]
            self.incomplete += 1
        return parts

    def _forget_all_but(self, most: int) -> None:
        while len(self._waiting) > most:
            del self._waiting[min(self._waiting)]
            self.incomplete += 1
