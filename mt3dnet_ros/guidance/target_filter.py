"""A steady target out of points that come frame by frame: smoothed, and held where it jumps."""

from __future__ import annotations

import math

import numpy as np


class TargetFilter:
    """A first-order low-pass for a point, which takes no jump for a motion.

    A point farther than ``jump_distance`` from the target is a jump: the target stays where it is until the points have
    been near the new place for ``confirmation`` seconds, and is then that place.

    :param time_constant: seconds after which 63 % of a step lie behind; 0 does not smooth
    :param jump_distance: metres
    :param confirmation: seconds
    """

    def __init__(self, time_constant: float, jump_distance: float, confirmation: float) -> None:
        self._time_constant = time_constant
        self._jump_distance = jump_distance
        self._confirmation = confirmation
        self.forget()

    def forget(self) -> None:
        """Forget the target: the next point is taken as it is."""
        self.point = np.full(3, np.nan)
        self._time = 0.0
        self._elsewhere: np.ndarray | None = None  # where the target seems to have jumped to
        self._since = 0.0

    @property
    def jumping(self) -> bool:
        """Whether the target has jumped and the new place is not confirmed yet."""
        return self._elsewhere is not None

    def take(self, point: np.ndarray, time: float) -> None:
        """Take the point of a frame.

        :param point: (3,) metres, finite
        :param time: of the frame in seconds; one before the last is taken for the same time
        """
        if np.isnan(self.point).any():
            self.point, self._time = point, time
        elif self._is_near(point, self.point):
            self._elsewhere = None
            self._approach(point, time)
        else:
            self._consider(point, time)

    def _is_near(self, point: np.ndarray, place: np.ndarray) -> bool:
        return math.dist(point, place) <= self._jump_distance

    def _approach(self, point: np.ndarray, time: float) -> None:
        elapsed = max(time - self._time, 0.0)
        share = -math.expm1(-elapsed / self._time_constant) if self._time_constant else 1.0
        self.point = self.point + share * (point - self.point)
        self._time = max(time, self._time)

    def _consider(self, point: np.ndarray, time: float) -> None:
        if self._elsewhere is None or not self._is_near(point, self._elsewhere):
            self._elsewhere, self._since = point, time
        elif time - self._since >= self._confirmation:
            self.point, self._time, self._elsewhere = point, time, None
