"""The scale from known tips of tools."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.perception.scale.evidence import KnownTip
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.robot.association import SEEN_OFFSET, TipMatch, allowed_distance, match_tips
from mt3dnet_ros.perception.scale.robot.offset import SidewaysOffset
from mt3dnet_ros.perception.scale.view import ScaleView

_SOURCE = 'robot'
_STALE = 0.1  # seconds between a pose and the frame; a tool moves 5 mm meanwhile, at 50 mm/s


class RobotScale:
    """Compares how far tips are by kinematics with how far they are by the network's depth, along the line of sight.

    The known position errs in depth by its own deviation and, for all that is known, by as much as it misses the line
    of sight of the tip that is seen: a hand-eye transform that is off sideways is off in depth as well.
    """

    def __init__(self) -> None:
        self._offset = SidewaysOffset()

    def observe(self, view: ScaleView) -> list[ScaleObservation | Rejection]:
        """Return an observation for each known tip that is seen, and why the others tell nothing."""
        judged = [(tip, _why_not(tip, view.frame.stamp, view.camera)) for tip in view.evidence.tips]
        rejected = [Rejection(_SOURCE, reason, tip.name) for tip, reason in judged if reason]
        usable = [tip for tip, reason in judged if not reason]
        if not usable:  # where the tips are seen need not be known
            return list(rejected)
        tips = [item.tip for item in view.detections if all(map(math.isfinite, item.tip))]
        if not tips:
            return [*rejected, *(Rejection(_SOURCE, 'no tip is seen', tip.name) for tip in usable)]
        seen = np.array(tips)
        return [*rejected, *(self._compare(item, seen, view.shape_deviation) for item in match_tips(usable, seen))]

    def forget(self) -> None:
        """Forget the frames before: a new stream begins."""
        self._offset.forget()

    def _compare(self, match: TipMatch, seen: np.ndarray, shape_deviation: float) -> ScaleObservation | Rejection:
        self._offset.add(match.aside)
        fault = self._offset.describe(allowed_distance(match.known))
        if fault or match.doubt:
            return Rejection(_SOURCE, fault or match.doubt, match.known.name, is_fault=bool(fault))
        in_depth = math.hypot(match.known.deviation, max(SEEN_OFFSET, match.distance / math.sqrt(2.0))) / match.along
        log_factor = math.log(match.along / float(np.linalg.norm(seen[match.seen])))
        return ScaleObservation(_SOURCE, log_factor, math.hypot(in_depth, shape_deviation), match.known.name)


def _why_not(tip: KnownTip, stamp: int, camera: Camera) -> str:
    """Return why a known tip cannot be compared; empty where it can."""
    if not all(map(math.isfinite, tip.position)) or not 0.0 < tip.deviation < math.inf:
        return 'its position or its deviation is no number above 0; check the transform to the camera'
    older = 1e-9 * (stamp - tip.stamp)
    if tip.stamp and stamp and abs(older) > _STALE:
        when = 'older' if older > 0.0 else 'newer'
        return f'its pose is {abs(older):.2f} s {when} than the image; check the clocks and the rate of the poses'
    if tip.position[2] <= 0.0:
        return (
            f'is {-1e3 * tip.position[2]:.0f} mm behind the camera; check the hand-eye transform, and that it leads to '
            'the optical frame: z forward'
        )
    column, row = project(camera, np.array(tip.position))
    if not (-0.5 <= column <= camera.width - 0.5 and -0.5 <= row <= camera.height - 0.5):
        return 'is outside of the image'
    return ''
