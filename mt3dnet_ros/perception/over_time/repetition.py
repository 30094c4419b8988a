"""Whether a picture was there before: a grabber that has lost its signal may go on to send its last one."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np

from mt3dnet_ros.perception.frame import Frame

_FIELDS = 2  # pictures that may take turns: both fields of one that stands


class Repetition:
    """Compares each picture with those before, in every sample: the noise of no camera is the same twice.

    The whole is compared only where a small part, of pixels far apart, cannot tell.
    """

    def __init__(self) -> None:
        self._last: deque[Frame] = deque(maxlen=_FIELDS)  # that differ

    def __call__(self, frame: Frame) -> bool:
        """Return whether the frame's picture is one of the last two that differed.

        :param frame: which is kept until others come, and not to be written to
        """
        repeated = any(
            _is_same(frame.samples, before.samples) and _is_same(frame.rgb, before.rgb) for before in self._last
        )
        if not repeated:
            self._last.append(frame)
        return repeated

    def forget(self) -> None:
        """Forget all pictures."""
        self._last.clear()


class FrozenPicture:
    """Since when the pictures of a stream are repetitions, by their stamps."""

    def __init__(self) -> None:
        self._repeats = Repetition()
        self._since: int | None = None  # stamp of the first repetition, nanoseconds

    def __call__(self, frame: Frame) -> float:
        """Return the seconds from the first repetition to this one; 0 where it is none, or has no stamp."""
        if not frame.stamp or not self._repeats(frame):
            self._since = None
            return 0.0
        if self._since is None:
            self._since = frame.stamp
        return 1e-9 * (frame.stamp - self._since)

    def forget(self) -> None:
        """Begin a stream."""
        self._repeats.forget()
        self._since = None


def _is_same(picture: np.ndarray, before: np.ndarray) -> bool:
    return picture.shape == before.shape and cv2.norm(picture, before, cv2.NORM_INF) == 0.0
