"""The nearest that the nearest surface may be, by what the scale of its depth image leaves open."""

from __future__ import annotations

import math
from collections import deque
from typing import TypeVar

from mt3dnet_ros.guidance.reasons import AdvanceReason
from mt3dnet_ros.perception.scale.depth_scale import DepthScale

_WAITING = 8  # depth images, and scales, that wait for the other

T = TypeVar('T')


def judge_scale(scale: DepthScale) -> AdvanceReason | None:
    """Return why the camera must not move in depth by a scale; None where it may."""
    if scale.is_guess:
        return AdvanceReason.GUESSED_SCALE
    known = math.isfinite(scale.factor) and math.isfinite(scale.depth_deviation)
    if not known or scale.factor <= 0.0 or scale.deviation < 0.0:
        return AdvanceReason.BAD_SCALE
    return AdvanceReason.CONFLICTING_SCALE if scale.conflicts else None


class ScaledSurface:
    """The nearest surface of depth images, each taken together with the scale of the same image.

    What the scale leaves open is a *margin*: the least true distance per distance in the depth image. It shrinks at
    once. A scale by which surfaces are farther is believed only when all scales have said so for a while: what a wrong
    source says all at once must not drive the camera forward. A scale that is not usable leaves the margin as it was.

    :param confirmation: that while, seconds
    :param gap: seconds without a scale, after which the one before says nothing of the next
    """

    def __init__(self, confirmation: float, gap: float) -> None:
        self._confirmation = confirmation
        self._gap = gap
        self._distances: dict[float, float] = {}  # by the stamp of the image, waiting for its scale
        self._scales: dict[float, DepthScale] = {}  # likewise, waiting for the depth image
        self._least_factors: deque[tuple[float, float]] = deque()  # by the time at which they came
        self.margin = 1.0
        self.scale: DepthScale | None = None  # of the last image that has both
        self.time = -math.inf  # when that image had both, seconds
        self.stamp, self.near_end = -math.inf, math.nan  # of that image, and the least distance of its nearest surface

    def forget(self) -> None:
        """Take the last image that has both for too old; the margin that its scale left open still counts."""
        self.scale, self.time = None, -math.inf
        self._distances.clear()
        self._scales.clear()
        self._least_factors.clear()

    def take_distance(self, distance: float, stamp: float, now: float) -> None:
        """Take the distance of the nearest surface by a depth image, metres; NaN where unknown."""
        self._distances[stamp] = distance
        self._pair(stamp, now)

    def take_scale(self, scale: DepthScale, stamp: float, now: float) -> None:
        """Take the scale of an image, by which its depth image is scaled already."""
        self._scales[stamp] = scale
        self._pair(stamp, now)

    def _pair(self, stamp: float, now: float) -> None:
        if stamp in self._distances and stamp in self._scales:
            self._take(self._distances[stamp], self._scales[stamp], stamp, now)
            _forget_until(stamp, self._distances)
            _forget_until(stamp, self._scales)
        for waiting in (self._distances, self._scales):
            if len(waiting) > _WAITING:
                del waiting[next(iter(waiting))]

    def _take(self, distance: float, scale: DepthScale, stamp: float, now: float) -> None:
        if judge_scale(scale) is None:
            self.margin = self._least_factor(scale, now) / scale.factor
        else:
            self._least_factors.clear()
        self.scale, self.time, self.stamp = scale, now, stamp
        self.near_end = distance * self.margin

    def _least_factor(self, scale: DepthScale, now: float) -> float:
        """Return the least metres per metre of the network that the scales of the last while leave open."""
        if not 0.0 <= now - self.time <= self._gap:  # below zero: the clock was set back
            self._least_factors.clear()
        while self._least_factors and now - self._least_factors[0][0] > self._confirmation:
            self._least_factors.popleft()
        self._least_factors.append((now, scale.factor * scale.near_end(1.0)))
        return min(factor for _, factor in self._least_factors)


def _forget_until(stamp: float, waiting: dict[float, T]) -> None:
    """Forget what belongs to an image, and what came before it."""
    for earlier in list(waiting):
        del waiting[earlier]
        if earlier == stamp:
            return
