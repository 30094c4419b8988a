"""Guidance as a whole: inputs in, one motion command per period out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.guidance.ecm import ROLL
from mt3dnet_ros.guidance.following import FollowingMonitor
from mt3dnet_ros.guidance.inputs import Inputs
from mt3dnet_ros.guidance.limits import Limiter
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.guidance.supervisor import State, Supervisor
from mt3dnet_ros.guidance.visual_servo import FREE_CAMERA

_ENDLESS = np.full(3, np.inf)
_LATE_PERIODS = 3
_CLEARANCE_MARGIN = 0.001  # metres before the no-go distance at which a forward motion ends


@dataclass(frozen=True)
class Command:
    """The motion of one period.

    :param twist: (6,) velocity and angular velocity of the camera in its optical frame, m/s and rad/s
    :param moving: whether there is any motion
    :param increments: (4,) of the joints, radians and metres; None without an arm
    :param goal: (4,) joint positions at the end of the period; None without an arm
    """

    twist: np.ndarray
    moving: bool
    increments: np.ndarray | None = None
    goal: np.ndarray | None = None


class Guide:
    """Keeps the target near the centre of the image, at the working distance, as far as that is safe.

    An arm moves yaw, pitch and insertion; its roll stays where the surgeon has put it. A free camera turns about its
    own x and y axes and moves along z.
    """

    def __init__(self, settings: GuidanceSettings) -> None:
        self.settings = settings
        self.inputs = Inputs(settings)
        self.supervisor = Supervisor(settings.resume_delay)
        self.error = ''  # what went wrong inside
        self._limiter = Limiter(settings.limits, settings.period)
        self._following = FollowingMonitor(settings.period)
        self._goal: np.ndarray | None = None  # (4,) where the joints have been told to be

    def enable(self, wanted: bool) -> None:
        """Allow guidance, or end it."""
        self.error = ''
        self.supervisor.enable(wanted)

    def step(self, now: float) -> Command:
        """Return the motion of the coming period; braking where the camera must not move.

        :param now: seconds
        """
        may_move = self.supervisor.update(now, self._problems(now))
        wanted = np.zeros(3)
        if may_move:
            try:
                wanted = self._wanted()
            except (ArithmeticError, ValueError) as error:  # LinAlgError is a ValueError
                self.error = f'{type(error).__name__}: {error}'
                self.supervisor.update(now, [Reason.ERROR])
        return self._move(wanted)

    def halt(self, now: float, reason: Reason) -> Command:
        """Stop at once, for a reason that latches, and return the command of standing still."""
        self.supervisor.update(now, [reason])
        self._limiter.halt()
        return self._move(np.zeros(3))

    def _problems(self, now: float) -> list[Reason]:
        problems = list(self.inputs.problems(now))
        late = self.inputs.joints_age(now) > _LATE_PERIODS * self.settings.period  # not measured is not frozen
        if self._following.frozen and not late:
            problems.append(Reason.NOT_FOLLOWING)
        return problems

    def _wanted(self) -> np.ndarray:
        arm, target = self.settings.arm, self.inputs.target.point
        basis = arm.jacobian(self.inputs.joints)[:, :ROLL] if arm else FREE_CAMERA
        speeds = self.settings.law.speeds(target, basis)
        if not np.isfinite(speeds).all():
            raise ValueError(f'speeds {speeds} for the target {target} are not finite')
        return speeds

    def _move(self, wanted: np.ndarray) -> Command:
        clearance = self.inputs.nearest - self.settings.no_go_distance - _CLEARANCE_MARGIN
        clearance = clearance if np.isfinite(clearance) else 0.0
        command = self._move_arm(wanted, clearance) if self.settings.arm else self._move_camera(wanted, clearance)
        self.inputs.advanced(self._limiter.speeds[-1] * self.settings.period)
        return command

    def _move_camera(self, wanted: np.ndarray, clearance: float) -> Command:
        speeds = self._limiter.step(wanted, _ENDLESS, np.array([np.inf, np.inf, clearance]))
        return Command(FREE_CAMERA @ speeds, self._limiter.moving)

    def _move_arm(self, wanted: np.ndarray, clearance: float) -> Command:
        arm, joints = self.settings.arm, self.inputs.joints
        if joints is None:
            self._limiter.halt()
            return Command(np.zeros(6), False, np.zeros(4), None)
        if self._goal is None or not (self._limiter.moving or wanted.any()):
            self._goal = joints.copy()  # at rest the arm may be moved by hand
            self._following.forget()
        backward, forward = self._room(clearance)
        speeds = self._limiter.step(wanted, backward, forward)
        increments = np.append(speeds * self.settings.period, 0.0)
        self._goal = self._goal + increments
        self._following.note(self._goal[:ROLL], joints[:ROLL])
        return Command(arm.jacobian(joints)[:, :ROLL] @ speeds, self._limiter.moving, increments, self._goal)

    def _room(self, clearance: float) -> tuple[np.ndarray, np.ndarray]:
        """Return how far yaw, pitch and insertion may go backward and forward, (3,) each."""
        lower, upper = (limit[:ROLL] for limit in self.settings.arm.limits)
        margin = self.settings.joint_margin * (upper - lower)
        backward, forward = self._goal[:ROLL] - lower - margin, upper - margin - self._goal[:ROLL]
        forward[-1] = min(forward[-1], clearance)
        return backward, forward

    @property
    def state(self) -> State:
        """Whether it is disabled, holding or guiding."""
        return self.supervisor.state
