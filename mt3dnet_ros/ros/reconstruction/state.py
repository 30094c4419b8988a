"""What became of the images so far, as diagnostics show it; written by one thread, read by another."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mt3dnet_ros.reconstruction.scale_alignment import ScaleAlignment

_RECENT = 10.0  # seconds that an event is news
_MOST_EVENTS = 8
_ALIGNED = 10  # images over which the scale is compared
_MOST_DRIFT = 0.1  # of the logarithm of the surface's scale over that of the images


@dataclass(frozen=True)
class MapState:
    """The map of now, and the last image.

    :param source: of the pose of the last image, of ``reconstruction.settings.POSE_SOURCES``; empty without one
    :param pose_problem: why it did not come from where it should; empty where it did
    :param problem: why the last image was not fused; empty where it was
    :param fitness: share of it that odometry found on the surface; NaN without odometry
    :param number: of the map, from 1
    :param frame_id: in which the surface is
    :param blocks: of voxels
    :param has_scale: as ``StampedView`` says
    """

    source: str = ''
    pose_problem: str = ''
    problem: str = ''
    alignment: ScaleAlignment = field(default_factory=ScaleAlignment)
    fitness: float = math.nan
    number: int = 1
    frame_id: str = ''
    blocks: int = 0
    has_scale: bool | None = None


class RecentEvents:
    """What happened, as long as it is news.

    :param clock: a steady clock in seconds
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._events: deque[tuple[float, str, str]] = deque(maxlen=_MOST_EVENTS)

    def note(self, kind: str, text: str) -> None:
        """Remember an event of a kind."""
        self._events.append((self._clock(), kind, text))

    def recent(self) -> dict[str, str]:
        """Return the newest words by kind."""
        now = self._clock()
        return {kind: text for when, kind, text in tuple(self._events) if now - when <= _RECENT}


class ScaleDrift:
    """Compares the scale of the last images with that of the surface, to which they are brought."""

    def __init__(self) -> None:
        self._logarithms: deque[float] = deque(maxlen=_ALIGNED)

    def take(self, alignment: ScaleAlignment) -> None:
        """Take how an image was aligned; one that saw too little of the surface says nothing."""
        if math.isfinite(alignment.deviation):
            self._logarithms.append(math.log(alignment.factor))

    def forget(self) -> None:
        """Begin another surface."""
        self._logarithms.clear()

    @property
    def factor(self) -> float:
        """What the depth of images has to be multiplied with: the median."""
        return math.exp(float(np.median(self._logarithms))) if self._logarithms else 1.0

    @property
    def problem(self) -> str:
        """How far the scales are apart, in words; empty where they agree, or too few images tell."""
        if len(self._logarithms) < _ALIGNED or abs(math.log(self.factor)) <= _MOST_DRIFT:
            return ''
        return (
            f'the depth of the images has another scale than the surface, which is {self.factor:.2f} times as large; '
            '~/depth/image is not published; call ~/reset'
        )


class SurfaceClock:
    """Seconds that never go back, of stamps that may: what was seen before stays older."""

    def __init__(self) -> None:
        self._last, self._offset = 0, 0
        self.jumps = 0

    def seconds(self, stamp: int) -> float:
        """Return the time of an image in seconds.

        :param stamp: nanoseconds
        """
        if stamp < self._last:
            self._offset += self._last - stamp
            self.jumps += 1
        self._last = stamp
        return 1e-9 * (stamp + self._offset)
