"""Settings of guidance."""

from __future__ import annotations

from dataclasses import dataclass, field

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.following import LONGEST_PAUSE, WINDOW
from mt3dnet_ros.guidance.limits import MotionLimits
from mt3dnet_ros.guidance.signs_of_life.dead_man import NONE, OWN
from mt3dnet_ros.guidance.visual_servo import ServoLaw

STOPPING_TIME = 0.2  # seconds from a fault to rest that no settings may exceed


class SettingsError(MT3DNetError, ValueError):
    """Settings that do not go together."""


@dataclass(frozen=True)
class Timeouts:
    """How old an input may be, in seconds.

    :param target: since the last target arrived (``depth``, ``joints`` and ``scale`` alike)
    :param latency: of the target's image when the target arrives
    :param heartbeat: since the last sign that the dead-man switch lives
    :param pause: between two steps of guidance; a longer one makes all inputs old
    """

    target: float = 0.085
    depth: float = 0.085
    joints: float = 0.09
    latency: float = 0.3
    scale: float = 0.075
    heartbeat: float = 0.08
    pause: float = 0.1


@dataclass(frozen=True)
class GuidanceSettings:
    """Settings of guidance.

    :param period: of the control, seconds
    :param law: control law that centres the target
    :param limits: of the motion
    :param timeouts: of the inputs
    :param no_go_distance: least distance of every surface from the camera, metres along the optical axis
    :param scale_required: keep that distance from the near end of the depth's 95 % interval, and do not move in depth
        while the scale of depth is unknown; False takes depth as it is
    :param scale_confirmation: seconds for which the scale must be known before the camera moves in depth, and for which
        a scale must have said that surfaces are farther before that is believed
    :param least_confidence: of a target, 0 to 1
    :param filter_time: time constant of the target, seconds
    :param jump_distance: distance between two targets, metres, from which on it counts as a jump, not as motion
    :param jump_confirmation: seconds that a target stays at a new place until it is believed
    :param resume_delay: seconds for which all inputs must be good before the camera moves
    :param joint_margin: share of a joint's range that is kept at both of its ends
    :param response_time: after which the arm is expected to follow, seconds
    :param following_window: over which its travel is compared with what was commanded, seconds
    :param state_pause: the longest pause between two measured states in which the arm need not have moved, seconds
    :param sends_goals: the arm is sent positions, which must be within its limits, in place of increments
    :param dead_man_required: hold unless a dead-man switch is pressed
    :param dead_man_heartbeat: what tells that it lives, of ``HEARTBEATS``
    :param ecm: whose joints are to move; None for a camera that is free
    :raises SettingsError: a fault could not stop the motion in time
    """

    period: float = 0.01
    law: ServoLaw = field(default_factory=lambda: ServoLaw(0.1, 2.0, 0.8, 0.02, 0.005))
    limits: MotionLimits = field(default_factory=lambda: MotionLimits(0.08, 1.2, 0.003, 0.05))
    timeouts: Timeouts = field(default_factory=Timeouts)
    no_go_distance: float = 0.03
    scale_required: bool = True
    scale_confirmation: float = 1.0
    least_confidence: float = 0.2
    filter_time: float = 0.08
    jump_distance: float = 0.03
    jump_confirmation: float = 0.3
    resume_delay: float = 0.3
    joint_margin: float = 0.02
    response_time: float = 0.05
    following_window: float = WINDOW
    state_pause: float = LONGEST_PAUSE
    sends_goals: bool = False
    dead_man_required: bool = True
    dead_man_heartbeat: str = OWN
    ecm: Ecm | None = None

    def __post_init__(self) -> None:
        """Refuse what could not stop in time: the slowest detection, a period to react, and the braking."""
        times = self.timeouts
        slowest = max(
            times.target,
            times.depth,
            times.joints if self.ecm else 0.0,
            times.scale if self.scale_required else 0.0,
            times.heartbeat if self._needs_heartbeat else 0.0,
        )
        stopping = slowest + self.period + self.limits.braking_time
        if stopping > STOPPING_TIME:
            raise SettingsError(
                f'a missing input would stop the motion after {stopping:.3f} s, more than {STOPPING_TIME:g} s: the '
                f'longest timeout is {slowest:g} s, a period {self.period:g} s, and braking takes '
                f'{self.limits.braking_time:.3f} s; lower timeouts or speeds, or raise accelerations'
            )

    @property
    def _needs_heartbeat(self) -> bool:
        return self.dead_man_required and self.dead_man_heartbeat != NONE
