"""When each picture of a video was taken, from the time stamps of the file, or without them."""

from __future__ import annotations

from fractions import Fraction

_STEP_BACK = 1_000_000_000  # ns: a larger one means that time starts anew, as where two files were joined
_LEAP = 10_000_000_000  # ns: a larger one means the same in a format whose time may leap
_LEAST_STEP = 1_000  # ns between two pictures


class PictureTimes:
    """Makes rising stamps, from 0, of the times that a file gives its pictures.

    :param period: nanoseconds from picture to picture where the file gives none
    :param may_leap: the file's time may leap forward where nothing was recorded in between
    """

    def __init__(self, period: int, may_leap: bool = False) -> None:
        self._period = period
        self._may_leap = may_leap
        self._origin: Fraction | int = 0
        self._last: int | None = None

    def stamp(self, time: Fraction | None) -> int:
        """Return the stamp of the next picture in nanoseconds.

        :param time: that the file gives it, in seconds; None where it gives none
        """
        self._last = self._following(None if time is None else 1_000_000_000 * time)
        return self._last

    def _following(self, time: Fraction | None) -> int:
        if self._last is None:
            self._origin = time or 0
            return 0
        due = self._last + self._period
        if time is None:
            return due
        step = time - self._origin - self._last
        if step < -_STEP_BACK or (self._may_leap and step > _LEAP):
            self._origin = time - due
            return due
        return self._last + max(_LEAST_STEP, round(step))
