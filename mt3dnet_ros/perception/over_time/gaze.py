"""Where to look, steady enough for a camera to follow."""

from __future__ import annotations

import math

from mt3dnet_ros.perception.scene import Point


class GazeFilter:
    """A first-order low-pass for a point, exact for frames at any distance in time.

    g <- g + (1 - exp(-dt / T)) (p - g): after a step of the point, 63 % of the way lie behind after the time T.
    """

    def __init__(self) -> None:
        self._gaze: Point | None = None
        self._stamp = 0

    def __call__(self, point: Point, stamp: int, time_constant: float) -> Point:
        """Return the gaze for the point of a frame; an unknown point stays unknown, and changes nothing.

        :param point: metres, optical frame; NaN where unknown
        :param stamp: of the frame, nanoseconds, not before that of the last; 0 where unknown: not smoothed
        :param time_constant: T, seconds; 0 does not smooth
        """
        if not stamp or not all(map(math.isfinite, point)):
            return point
        elapsed = 1e-9 * (stamp - self._stamp)
        if self._gaze is not None and time_constant > 0.0:
            point = _towards(self._gaze, point, -math.expm1(-elapsed / time_constant))
        self._gaze, self._stamp = point, stamp
        return point

    def forget(self) -> None:
        """Forget the gaze: the next point is taken as it is."""
        self._gaze = None


def _towards(start: Point, end: Point, share: float) -> Point:
    x, y, z = (a + share * (b - a) for a, b in zip(start, end, strict=True))
    return x, y, z
