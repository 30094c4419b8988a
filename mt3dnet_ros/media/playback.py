"""Play a source in time: its pictures one after the other, over repeats, each when it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mt3dnet_ros.media.frame_source import FrameLosses, FrameSource, TimedImage


def play(
    source: FrameSource, rate: float = 0.0, loop: bool = False, on_end: Callable[[FrameLosses], None] | None = None
) -> Iterator[TimedImage]:
    """Yield the pictures of a source with stamps that rise over all repeats.

    :param rate: pictures per second in place of the source's own time stamps; 0 keeps these
    :param loop: begin again at the end
    :param on_end: told at the end of each repeat what was lost in it
    """
    begin = 0
    period = round(1e9 / (rate or source.rate))
    while True:
        last = -period
        for number, image in enumerate(source):
            last = round(1e9 * number / rate) if rate else image.stamp
            yield replace(image, stamp=begin + last)
        if on_end:
            on_end(source.losses)
        if not loop or last < 0:
            return
        begin += last + period


class Schedule:
    """Says when a picture is due, and moves everything that follows where one was late.

    :param period: seconds from picture to picture, where they come evenly
    """

    def __init__(self, period: float) -> None:
        self._period = period
        self._start: float | None = None
        self.late = 0

    def due(self, stamp: int, now: float) -> float:
        """Return when a picture is due; the first one is at once.

        :param stamp: of the picture, nanoseconds
        :param now: seconds of a steady clock, as what is returned
        """
        if self._start is None:
            self._start = now - 1e-9 * stamp
        return self._start + 1e-9 * stamp

    def show(self, stamp: int, now: float) -> int:
        """Take note that a picture is shown; return how many periods it was late."""
        lateness = now - self.due(stamp, now)
        missed = round(lateness / self._period)
        if missed > 0:
            self.late += missed
            self._start = now - 1e-9 * stamp
        return max(0, missed)
