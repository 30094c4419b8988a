"""Whether the pictures of a stream are alive: neither blank, nor standing still, nor strange to the network."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.known_view.blank import SAMPLES, is_grain, plain_color
from mt3dnet_ros.perception.over_time.repetition import Repetition
from mt3dnet_ros.perception.scene import Scene

_BLACK = 24  # of 255, as for borders
_WHOLE = 0.8  # of the picture: surgical pictures show less than that of instruments


@dataclass(frozen=True)
class PictureState:
    """What the last pictures had in common, each in seconds from the first to the last such picture; 0 where nothing.

    :param blank: without a scene, as the pictures themselves show
    :param unknown: blank, or no view that the network knows
    :param color: of the last blank picture, red, green, blue; None where it was mere grain
    :param view: probability of a known view, of the last picture; None where it is not known
    :param blanks: number of blank pictures (and ``strangers``: of others that are no known view)
    """

    blank: float = 0.0
    unknown: float = 0.0
    unchanged: float = 0.0
    same_stamp: float = 0.0
    covered: float = 0.0
    color: tuple[int, int, int] | None = (0, 0, 0)
    view: float | None = None
    blanks: int = 0
    strangers: int = 0

    @property
    def is_black(self) -> bool:
        """Whether a blank picture is black."""
        return self.color is not None and max(self.color) <= _BLACK


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
        self._repeats = Repetition()
        self._size = (1, 1)  # height and width of the last picture
        self._stamp = 0
        self._since: dict[str, float] = {}
        self._seconds = dict.fromkeys(('blank', 'unknown', 'unchanged', 'same_stamp', 'covered'), 0.0)
        self._color: tuple[int, int, int] | None = (0, 0, 0)
        self._view: float | None = None
        self._counts: Counter[str] = Counter()

    def look(self, frame: Frame) -> None:
        """Look at a picture, which is kept until the next one, and not to be written to."""
        samples, stamp = frame.samples, frame.stamp
        self._hold('same_stamp', bool(stamp) and stamp == self._stamp)
        self._hold('unchanged', self._repeats(frame))
        color = plain_color(samples)
        blank = color is not None or is_grain(samples)
        self._hold('blank', blank)
        self._counts['blanks'] += blank
        self._color = color if blank else self._color
        self._size, self._stamp = frame.size, stamp

    def interpret(self, scene: Scene | None) -> None:
        """Look at what was seen in the picture.

        :param scene: None where the picture was not interpreted
        """
        blank, nothing = 'blank' in self._since, scene is not None and bool(scene.nothing)
        self._hold('unknown', blank or nothing)
        self._counts['strangers'] += nothing and not blank
        self._view = scene.view if scene is not None else None
        covered = scene is not None and self._coverage(scene) > _WHOLE
        self._hold('covered', covered)

    def _coverage(self, scene: Scene) -> float:
        """Return the part of the picture that instruments take; 0 where neither labels nor detections were wanted."""
        if scene.labels is not None:
            step = max(1, min(scene.labels.shape) // SAMPLES)
            return float(self._is_tool[scene.labels[::step, ::step]].mean())
        boxes = [found.box for found in scene.detections or () if self._is_tool[found.class_id]]
        height, width = self._size
        return max((box.width * box.height for box in boxes), default=0) / (width * height)

    def snapshot(self) -> PictureState:
        """Return what the last pictures had in common."""
        blanks, strangers = self._counts['blanks'], self._counts['strangers']
        return PictureState(**self._seconds, color=self._color, view=self._view, blanks=blanks, strangers=strangers)

    def _hold(self, name: str, holds: bool) -> None:
        """Note whether something holds of the present picture, and for how long it has."""
        now = self._clock()
        if not holds:
            self._since.pop(name, None)
        self._seconds[name] = now - self._since.setdefault(name, now) if holds else 0.0
