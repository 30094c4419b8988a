"""The inputs of guidance as they arrived last: target, depth, scale, dead-man switch; the reasons they give to stop."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.guidance.forward_way import ForwardWay
from mt3dnet_ros.guidance.near_surface import nearest_surface
from mt3dnet_ros.guidance.reasons import AdvanceReason, Reason
from mt3dnet_ros.guidance.scaled_surface import ScaledSurface, judge_scale
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.guidance.signs_of_life.dead_man import DeadManSwitch
from mt3dnet_ros.guidance.target_filter import TargetFilter
from mt3dnet_ros.perception.scale.depth_scale import DepthScale

_NEVER = float('-inf')
_SAME = 1e-6  # metres by which a target changes while a frozen one is smoothed, but not while the camera moves
CLOCK_SKEW = 0.02  # seconds by which the clock of another machine may be ahead


@dataclass
class _LastArrival:
    """When an input arrived last, seconds."""

    time: float = _NEVER

    def missing(self, now: float, timeout: float) -> bool:
        return not 0.0 <= now - self.time <= timeout  # below zero where the clock was set back


class GuidanceInputs:
    """Target, depth, its scale, and dead-man switch as they arrived last.

    All times are seconds of one clock.
    """

    def __init__(self, settings: GuidanceSettings) -> None:
        self._settings = settings
        self.target = TargetFilter(settings.filter_time, settings.jump_distance, settings.jump_confirmation)
        self.surface = ScaledSurface(settings.scale_confirmation, settings.timeouts.scale)
        self.dead_man = DeadManSwitch(settings.dead_man_heartbeat, settings.timeouts.heartbeat)
        self.moving_since: float | None = None  # when the camera began to move; None while it stands
        self._last_point = np.full(3, np.inf)
        self._change = _NEVER  # when the target was another than before
        self._target_problem: Reason | None = None
        self._target, self._depth = _LastArrival(), _LastArrival()
        self._distance, self._depth_stamp = float('nan'), _NEVER  # of the nearest surface in the last depth image
        timeouts = settings.timeouts
        self._way = ForwardWay(timeouts.latency + max(timeouts.depth, timeouts.scale))

    def forget(self) -> None:
        """Take all that has come for too old: nothing may move before each input has come again."""
        self.dead_man.forget()
        self.target.forget()
        self.surface.forget()
        self.moving_since, self._target_problem = None, None
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
        if not np.isfinite(point).all() or math.dist(point, self._last_point) > _SAME:
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
            self._distance, self._depth_stamp = nearest_surface(depth), stamp
            self.surface.take_distance(self._distance, stamp, now)

    def take_scale(self, scale: DepthScale, stamp: float, now: float) -> None:
        """Take the scale of depth, which counts together with the depth image of its stamp; an old one is left out.

        :param stamp: of its image
        """
        if self._is_recent(now - stamp):
            self.surface.take_scale(scale, stamp, now)

    def _is_recent(self, latency: float) -> bool:
        return -CLOCK_SKEW <= latency <= self._settings.timeouts.latency

    def camera_advances(self, distance: float, end: float) -> None:
        """Note that the camera moves by so many metres until a time: what earlier images show is nearer then."""
        self._way.note(distance, end)

    @property
    def nearest(self) -> float:
        """Distance of the nearest surface by the last depth image, metres; NaN where unknown."""
        return self._distance - self._way.since(self._depth_stamp)

    @property
    def near_end(self) -> float:
        """The least that it may be, by the last depth image whose scale is known, metres; NaN where unknown."""
        if not self._settings.scale_required:
            return self.nearest
        return self.surface.near_end - self._way.since(self.surface.stamp)

    def advance_problem(self, now: float) -> AdvanceReason | None:
        """Return why the camera must not move in depth."""
        if not self._settings.scale_required:
            return None
        scale = self.surface.scale
        if scale is None or not 0.0 <= now - self.surface.time <= self._settings.timeouts.scale:
            return AdvanceReason.NO_SCALE
        return judge_scale(scale)

    def problems(self, now: float) -> Iterator[Reason]:
        """Yield every reason that the inputs give to stand still."""
        problem = self.dead_man.problem(now)
        if self._settings.dead_man_required and problem:
            yield problem
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
        elif self._is_too_near():
            yield Reason.TOO_NEAR

    def _is_too_near(self) -> bool:
        """Return whether a surface may be too near; what the last usable scale left open still counts."""
        margin = self.surface.margin if self._settings.scale_required else 1.0
        return self._distance * margin - self._way.since(self._depth_stamp) < self._settings.no_go_distance
