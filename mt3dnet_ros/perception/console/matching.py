"""What perception published of one image, out of messages that come one by one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

_KEPT = 4  # images, of which something has come
_LATE = 1_000_000_000  # nanoseconds by which something may come after what is newer


class StampMatcher:
    """Keeps what comes until everything of one image is there.

    :param kinds: what belongs to an image, such as ``detections``
    """

    def __init__(self, kinds: Collection[str]) -> None:
        self._kinds = frozenset(kinds)
        self._waiting: dict[int, dict[str, Any]] = {}
        self._last = -_LATE  # stamp of the last image that was complete
        self.incomplete = 0  # images of which something never came

    def take(self, kind: str, stamp: int, item: Any) -> dict[str, Any] | None:
        """Take something; return everything of its image by kind where it is the last of it, else None.

        :param stamp: of the image, nanoseconds
        """
        if self._last - _LATE < stamp <= self._last:
            return None
        if stamp < self._last:  # the clock was set, or a recording begins again
            self._waiting.clear()
            self._last = -_LATE
        parts = self._waiting.setdefault(stamp, {})
        parts[kind] = item
        if parts.keys() < self._kinds:
            self._forget_all_but(_KEPT)
            return None
        self._complete(stamp)
        return parts

    def _complete(self, stamp: int) -> None:
        del self._waiting[stamp]
        self._last = stamp
        for older in [other for other in self._waiting if other < stamp]:
            del self._waiting[older]
            self.incomplete += 1

    def _forget_all_but(self, most: int) -> None:
        while len(self._waiting) > most:
            del self._waiting[min(self._waiting)]
            self.incomplete += 1
