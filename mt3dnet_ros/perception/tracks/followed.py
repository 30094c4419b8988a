"""One instrument that is followed from frame to frame."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.perception.tracks.likeness import Remembered
from mt3dnet_ros.perception.tracks.tip_filter import TipFilter
from mt3dnet_ros.perception.tracks.type_vote import TypeVote
from mt3dnet_ros.perception.tracks.view import Appearance

PROVEN_AFTER = 3
"""Frames in which an instrument is seen before it is one: what is seen only once or twice may be a mistake."""

_SPEED_TIME, _LOOK_TIME = 0.1, 2.0  # seconds, time constants
_SLIVER = 0.2  # of its area over time, below which little is seen of an instrument
_PRESENT = 0.5  # seconds
_LONGEST_MOVE = 0.3  # seconds for which an instrument that is not seen goes on as it moved
_LEAST_LASTED, _SHORT_MEMORY = 0.4, 0.3  # seconds: what was seen for less than the first is kept for the second


class FollowedInstrument:
    """What is known of one instrument: how it looked last, its type and its tip.

    :param first: its first appearance
    :param stamp: of that frame, nanoseconds
    """

    def __init__(self, first: Appearance, stamp: int) -> None:
        self.id = 0  # once it is proven
        self.born = self.seen = self._looked = stamp
        self.joined = 0  # stamp of the last frame in which it was seen as one with others
        self.count = 1
        self.vote = TypeVote()
        self.vote.add(first.types, stamp)
        self.tip = TipFilter()
        self.last = first
        self._area = float(first.cells.shape[1])
        self._speed = np.zeros(2)  # of its middle, diagonals per second

    @property
    def is_proven(self) -> bool:
        """Whether it was seen often enough to be no mistake."""
        return self.count >= PROVEN_AFTER

    def unseen(self, stamp: int) -> float:
        """Return the seconds since it was last seen, at the time of a frame."""
        return 1e-9 * (stamp - self.seen)

    def is_present(self, stamp: int) -> bool:
        """Return whether it was seen, by itself or as one with others, so lately that it may go on."""
        return 1e-9 * (stamp - max(self.seen, self.joined)) <= _PRESENT

    def is_over(self, stamp: int, memory: float) -> bool:
        """Return whether it has been out of view for too long.

        :param memory: seconds; what was seen for a moment only is forgotten sooner
        """
        lasted = 1e-9 * (self.seen - self.born)
        is_known = self.is_proven and lasted >= _LEAST_LASTED
        return self.unseen(stamp) > (memory if is_known else min(memory, _SHORT_MEMORY))

    def memory(self, stamp: int) -> Remembered:
        """Return what it is known by in a frame."""
        unseen = 1e-9 * (stamp - self._looked)
        return Remembered(self.last, self.vote.probabilities, self._speed * min(unseen, _LONGEST_MOVE), unseen)

    def follow(self, now: Appearance, stamp: int) -> None:
        """Take its appearance in a frame; where only a little of it is seen, what it looks like stays."""
        area = now.cells.shape[1]
        if area < _SLIVER * self._area:
            self.last = self.last._replace(detection=now.detection)
        else:
            self._look(now, 1e-9 * (stamp - self._looked))
            self._looked = stamp
            self.vote.add(now.types, stamp)
        self.seen = stamp
        self.count += 1

    def _look(self, now: Appearance, elapsed: float) -> None:
        """Take an appearance, seconds after the last."""
        if elapsed > 0.0:
            speed = (now.middle - self.last.middle) / elapsed
            self._speed = self._speed - math.expm1(-elapsed / _SPEED_TIME) * (speed - self._speed)
        gain = -math.expm1(-elapsed / _LOOK_TIME)
        colours = self.last.colours + gain * (now.colours - self.last.colours)
        self._area += gain * (now.cells.shape[1] - self._area)
        depth = now.depth if math.isfinite(now.depth) else self.last.depth
        self.last = now._replace(colours=colours, depth=depth)

    def absorb(self, other: FollowedInstrument) -> None:
        """Go on as another one, which turned out to be this one come again."""
        self.vote.join(other.vote)
        self.tip, self.last, self._speed = other.tip, other.last, other._speed
        self.seen, self._looked, self._area = other.seen, other._looked, other._area
        self.count += other.count
