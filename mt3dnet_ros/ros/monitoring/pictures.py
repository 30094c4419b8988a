"""Whether the pictures of a stream are alive: neither blank, nor standing still, nor strange to the network."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.perception.scene import Scene

_SAMPLES = 64  # along the shorter side of a picture, that are looked at
_PLAIN = 12  # of 255, that noise and compression may change a plain picture
_MOST = 0.98  # of a plain picture's samples; a clock or a sign may be written on it
_DEVIATION = 40.0  # of 255, that a plain picture with a sign never reaches: sqrt(0.98 * 12^2 + 0.02 * 255^2) = 38
_BLACK = 24  # of 255, as for borders
_WHOLE = 0.8  # of the picture: surgical pictures show less than that of instruments


@dataclass(frozen=True)
class PictureState:
    """What the last pictures had in common, each in seconds from the first to the last such picture; 0 where nothing.

    :param color: of the last picture where it is plain: red, green, blue
    """

    blank: float = 0.0
    unchanged: float = 0.0
    same_stamp: float = 0.0
    covered: float = 0.0
    color: tuple[int, int, int] = (0, 0, 0)

    @property
    def is_black(self) -> bool:
        """Whether a plain picture is black."""
        return max(self.color) <= _BLACK


class PictureMonitor:
    """Looks at a small part of every picture, and at what was seen in it.

    :param tools: class ids of instruments
    :param clock: a steady clock in seconds
    """

    def __init__(self, tools: tuple[int, ...], clock: Callable[[], float] = time.monotonic) -> None:
        self._is_tool = np.isin(np.arange(256), tools)
        self._clock = clock
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._last: np.ndarray | None = None
        self._last_sample: np.ndarray | None = None
        self._stamp = 0
        self._since: dict[str, float] = {}
        self._seconds = dict.fromkeys(('blank', 'unchanged', 'same_stamp', 'covered'), 0.0)
        self._color = (0, 0, 0)

    def look(self, rgb: np.ndarray, stamp: int) -> None:
        """Look at a picture.

        :param rgb: (H, W, 3) uint8; kept until the next one, and not to be written to
        :param stamp: nanoseconds; 0 where there is none
        """
        step = max(1, min(rgb.shape[:2]) // _SAMPLES)
        sample = np.ascontiguousarray(rgb[::step, ::step])
        self._hold('same_stamp', bool(stamp) and stamp == self._stamp)
        # The whole is compared only where the sample cannot tell: a tool may be small.
        self._hold('unchanged', _is_same(sample, self._last_sample) and _is_same(rgb, self._last))
        self._hold('blank', self._is_plain(sample))
        self._last, self._last_sample, self._stamp = rgb, sample, stamp

    def interpret(self, scene: Scene | None) -> None:
        """Look at what was seen in the picture.

        :param scene: None where the picture was not interpreted
        """
        covered = scene is not None and self._coverage(scene) > _WHOLE
        self._hold('covered', covered)

    def _coverage(self, scene: Scene) -> float:
        """Return the part of the picture that instruments take; 0 where neither labels nor detections were wanted."""
        if scene.labels is not None:
            step = max(1, min(scene.labels.shape) // _SAMPLES)
            return float(self._is_tool[scene.labels[::step, ::step]].mean())
        boxes = [found.box for found in scene.detections or () if self._is_tool[found.class_id]]
        height, width = self._last.shape[:2] if self._last is not None else (1, 1)
        return max((box.width * box.height for box in boxes), default=0) / (width * height)

    def snapshot(self) -> PictureState:
        """Return what the last pictures had in common."""
        return PictureState(**self._seconds, color=self._color)

    def _is_plain(self, sample: np.ndarray) -> bool:
        pixels = sample.reshape(-1, 3)
        if cv2.meanStdDev(sample)[1].max() > _DEVIATION:
            return False
        red, green, blue = (int(value) for value in np.median(pixels, axis=0))
        self._color = red, green, blue
        low = [max(value - _PLAIN, 0) for value in self._color]
        high = [min(max(value + _PLAIN, _BLACK), 255) for value in self._color]
        return cv2.countNonZero(cv2.inRange(sample, np.array(low), np.array(high))) >= _MOST * len(pixels)

    def _hold(self, name: str, holds: bool) -> None:
        """Note whether something holds of the present picture, and for how long it has."""
        now = self._clock()
        if not holds:
            self._since.pop(name, None)
        self._seconds[name] = now - self._since.setdefault(name, now) if holds else 0.0


def _is_same(picture: np.ndarray, before: np.ndarray | None) -> bool:
    return before is not None and picture.shape == before.shape and cv2.norm(picture, before, cv2.NORM_INF) == 0.0
