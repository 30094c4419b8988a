"""Bars that move over a map of cells, in place of the instruments of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.perception.instruments.naming import ALL_NAMED, Naming
from mt3dnet_ros.perception.scene import UNKNOWN, Box, Detection, Point, Tracks
from mt3dnet_ros.perception.tracks.tracker import Tracker
from mt3dnet_ros.perception.tracks.view import InstrumentView

CELLS = 64, 80
CLASSES = ('background', 'scissors', 'grasper', 'suction', 'other')
STEP = 40_000_000  # nanoseconds
CELL_ANGLE = 0.015


@dataclass(frozen=True)
class Bar:
    """An upright bar that enters the view at its upper border.

    :param column: of its left edge, cells
    :param class_id: that it looks most like
    :param length: rows
    :param sure: probability of its class
    """

    column: float
    class_id: int = 1
    length: int = 40
    sure: float = 0.8
    width: int = 9
    depth: float = 0.07
    tip: Point = UNKNOWN
    color: tuple[int, int, int] = (90, 90, 90)


def see(bars: Sequence[Bar], cell_angle: float = CELL_ANGLE) -> InstrumentView:
    """Return what perception says of some bars: instance 1 is the first; later ones hide earlier ones."""
    ids, picture = np.zeros(CELLS, np.uint8), np.full((*CELLS, 3), 160, np.uint8)
    for number, bar in enumerate(bars, start=1):
        place = slice(0, bar.length), slice(max(0, round(bar.column)), max(0, round(bar.column) + bar.width))
        ids[place], picture[place] = number, bar.color
    parts = np.ones(CELLS, np.uint8)
    parts[30:] = 3
    return InstrumentView([_detection(k, bar) for k, bar in enumerate(bars, 1)], ids, parts, picture, cell_angle)


def _detection(number: int, bar: Bar) -> Detection:
    rest = (1.0 - bar.sure) / (len(CLASSES) - 2)
    scores = tuple(bar.sure if k == bar.class_id else rest for k in range(1, len(CLASSES)))
    name, position = CLASSES[bar.class_id], (0.0, 0.0, bar.depth)
    return Detection(
        bar.class_id, name, bar.sure, number, Box(0, 0, 9, 9), position, UNKNOWN, bar.tip, scores, bar.sure, 0.007
    )


class Stream:
    """Shows frames to a tracker, one after the other."""

    def __init__(self, memory: float = 5.0, naming: Naming = ALL_NAMED) -> None:
        self.tracker = Tracker(CLASSES)
        self.stamp = 1_000_000_000
        self._memory, self._naming = memory, naming

    def show(self, *bars: Bar, frames: int = 1) -> Tracks:
        """Show some frames that are alike; return the tracks of the last."""
        for _ in range(frames):
            self.stamp += STEP
            tracks = self.tracker(see(bars), self.stamp, self._memory, self._naming)
        return tracks
