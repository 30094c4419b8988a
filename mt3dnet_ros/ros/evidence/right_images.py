"""The image of the second eye that belongs to a frame."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from mt3dnet_ros.ros.messages.headers import SECOND, StampError, stamp_to_ns

_KEPT = 4  # images; the one of a frame comes at about the frame's own time


@dataclass(frozen=True)
class PairingCounts:
    """What became of the second eye's images, since the start.

    :param received: images of the second eye
    :param used: of them, paired with a frame
    :param unpaired: frames for which there was none of their time
    :param late: images that came when their frame had been worked on
    :param gap: seconds from the last unpaired frame to the nearest image; None where there was none at all
    """

    received: int = 0
    used: int = 0
    unpaired: int = 0
    late: int = 0
    gap: float | None = None


class RightImages:
    """Keeps the newest images of the second eye as they came, and the one nearest in time to the frame in work.

    Images come in one thread, frames are worked on in another.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: deque[tuple[int, Any]] = deque(maxlen=_KEPT)
        self._frame = 0  # stamp of the frame in work
        self._nearest: tuple[int, Any] | None = None
        self._missed = (0, 0)  # stamp of the last unpaired frame, and how far an image may be from it
        self._received = self._used = self._unpaired = self._late = 0
        self._gap: float | None = None

    def put(self, message: Any) -> None:
        """Take an image of the second eye."""
        try:
            stamp = stamp_to_ns(message.header.stamp)
        except StampError:
            stamp = 0  # of no use, and told as an image that is not of the frame's time
        with self._lock:
            self._received += 1
            self._newest.append((stamp, message))
            self._note_late(stamp)
            if self._nearest is None or self._apart(stamp) < self._apart(self._nearest[0]):
                self._nearest = stamp, message

    def begin(self, stamp: int) -> None:
        """Begin to work on a frame: its image is looked for among those that are there, and those that come."""
        with self._lock:
            self._frame = stamp
            self._nearest = min(self._newest, key=lambda image: self._apart(image[0]), default=None)

    def take(self, tolerance: float) -> Any | None:
        """Return the image that belongs to the frame in work; None where none does.

        :param tolerance: seconds between the stamps of both
        """
        with self._lock:
            found, allowed = self._nearest, round(tolerance * SECOND)
            if found is not None and self._frame and found[0] and self._apart(found[0]) <= allowed:
                self._used += 1
                return found[1]
            self._unpaired += 1
            self._missed = self._frame, allowed
            self._gap = None if found is None or not found[0] else self._apart(found[0]) / SECOND
            return None

    def counts(self) -> PairingCounts:
        """Return what became of the images so far."""
        with self._lock:
            return PairingCounts(self._received, self._used, self._unpaired, self._late, self._gap)

    def _apart(self, stamp: int) -> int:
        return abs(stamp - self._frame)

    def _note_late(self, stamp: int) -> None:
        missed, allowed = self._missed
        if missed and abs(stamp - missed) <= allowed:
            self._late += 1
            self._missed = 0, 0
