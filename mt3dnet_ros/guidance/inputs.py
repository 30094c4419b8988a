"""The inputs of guidance as they arrived last: target, depth and dead-man switch, and the reasons they give to stop."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.guidance.target_filter import TargetFilter

NEAREST_SHARE = 0.01  # of the known pixels may be nearer: single wrong pixels stop nothing
KNOWN_SHARE = 0.5  # of all pixels must be known
MOST_SAMPLES = 20_000
_NEVER = float('-inf')
_CLOCK_SKEW = 0.02  # seconds by which the clock of another machine may be ahead


@dataclass
class _LastArrival:
    """When an input arrived last, seconds."""

    time: float = _NEVER

    def missing(self, now: float, timeout: float) -> bool:
        return not 0.0 <= now - self.time <= timeout  # below zero where the clock was set back


class GuidanceInputs:
    """Target, depth and dead-man switch as they arrived last.

    All times are seconds of one clock.
    """

    def __init__(self, settings: GuidanceSettings) -> None:
        self._settings = settings
        self.target = TargetFilter(settings.filter_time, settings.jump_distance, settings.jump_confirmation)
        self.nearest = float('nan')
        self.dead_man_pressed = False
        self.moving_since: float | None = None  # when the camera began to move; None while it stands
        self._last_point = np.full(3, np.nan)
        self._change = _NEVER  # when the target was another than before
        self._target_problem: Reason | None = None
        self._target, self._depth = _LastArrival(), _LastArrival()

    def take_target(self, point: np.ndarray, stamp: float, confidence: float, now: float) -> None:
        """Take the target to look at.

        :param point: (3,) metres, optical frame
        :param stamp: of its image
        :param confidence: 0 to 1
        """
        if self._target.missing(now, self._settings.timeouts.target):
            self.target.forget()  # what was seen before a gap says nothing of jumps
        self._target.time = now
        if not np.array_equal(point, self._last_point):
            self._last_point, self._change = point, now
        self._target_problem = self._judge_target(point, now - stamp, confidence)
        if self._target_problem is None:
            self.target.take(np.asarray(point, float), stamp)

    def _judge_target(self, point: np.ndarray, latency: float, confidence: float) -> Reason | None:
        if not self._is_recent(latency):
            return Reason.LATE_TARGET
        if not np.isfinite(point).all() or point[2] <= 0.0:
            return Reason.BAD_TARGET
        return None if confidence >= self._settings.least_confidence else Reason.LOW_CONFIDENCE

    def take_depth(self, depth: np.ndarray, stamp: float, now: float) -> None:
        """Take a depth image, (H, W) metres along the optical axis, NaN where unknown; an old one is left out.

        :param stamp: of its image
        """
        if self._is_recent(now - stamp):
            self._depth.time = now
            self.nearest = nearest_surface(depth)

    def _is_recent(self, latency: float) -> bool:
        return -_CLOCK_SKEW <= latency <= self._settings.timeouts.latency

    def camera_advanced(self, distance: float) -> None:
        """Note that the camera has moved forward since the last depth image, in metres: what it shows is nearer now."""
        self.nearest -= max(distance, 0.0)

    def problems(self, now: float) -> Iterator[Reason]:
        """Yield every reason that the inputs give to stand still."""
        if self._settings.dead_man_required and not self.dead_man_pressed:
            yield Reason.DEAD_MAN
        if self._is_frozen(now):
            yield Reason.FROZEN_IMAGE
        yield from self._target_problems(now)
        yield from self._depth_problems(now)

    def _is_frozen(self, now: float) -> bool:
        """Return whether the image would have had to change by now; a grabber may go on to stamp its last picture."""
        patience = self._settings.timeouts.latency + self._settings.timeouts.target
        return self.moving_since is not None and now - max(self._change, self.moving_since) > patience

    def _target_problems(self, now: float) -> Iterator[Reason]:
        if self._target.missing(now, self._settings.timeouts.target):
            yield Reason.STALE_TARGET
        elif self._target_problem:
            yield self._target_problem
        elif self.target.jumping:
            yield Reason.JUMPING_TARGET

    def _depth_problems(self, now: float) -> Iterator[Reason]:
        if self._depth.missing(now, self._settings.timeouts.depth):
            yield Reason.STALE_DEPTH
        elif not np.isfinite(self.nearest):
            yield Reason.UNKNOWN_DEPTH
        elif self.nearest < self._settings.no_go_distance:
            yield Reason.TOO_NEAR


def nearest_surface(depth: np.ndarray) -> float:
    """Return the depth of the nearest surface in metres; NaN where too little of the image is known.

    :param depth: (H, W) metres along the optical axis; not finite, or not above zero, where unknown
    """
    stride = math.ceil(math.sqrt(max(depth.size / MOST_SAMPLES, 1.0)))
    samples = depth[::stride, ::stride]
    known = samples[np.isfinite(samples) & (samples > 0.0)]
    if known.size < max(KNOWN_SHARE * samples.size, 1.0):
        return math.nan
    rank = int(NEAREST_SHARE * known.size)
    return float(np.partition(known, rank)[rank])
