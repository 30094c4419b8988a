"""Guidance as a whole: inputs in, one motion command per period out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.guidance.advance import AdvanceGate
from mt3dnet_ros.guidance.inputs import GuidanceInputs
from mt3dnet_ros.guidance.limits import Limiter
from mt3dnet_ros.guidance.mechanism import FreeCamera, GuidedArm, Mechanism
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.guidance.signs_of_life.objections import Objections
from mt3dnet_ros.guidance.signs_of_life.pauses import PauseMonitor
from mt3dnet_ros.guidance.supervisor import State, Supervisor

_NOTABLE_SPEED = 0.05  # share of the limit from which on a motion must be seen in the image
_CLEARANCE_MARGIN = 0.001  # metres before the no-go distance at which a forward motion ends: an arm may lag so far


@dataclass(frozen=True)
class MotionCommand:
    """The motion of one period.

    :param twist: (6,) velocity and angular velocity of the camera in its optical frame, m/s and rad/s
    :param moving: whether there is any motion
    :param increments: of the joints, radians and metres; (4,), or empty without an arm
    :param goal: joint positions at the end of the period, likewise; NaN where they are not known: none may be commanded
    """

    twist: np.ndarray
    moving: bool
    increments: np.ndarray
    goal: np.ndarray


class Guide:
    """Keeps the target near the centre of the image, at the working distance, as far as that is safe."""

    def __init__(self, settings: GuidanceSettings) -> None:
        self.settings = settings
        self.inputs = GuidanceInputs(settings)
        self.objections = Objections()
        self.supervisor = Supervisor(settings.resume_delay)
        self.advance = AdvanceGate(settings.scale_confirmation if settings.scale_required else 0.0)
        self.error = ''  # the message of an internal error
        self.arm = GuidedArm(settings.ecm, settings) if settings.ecm else None
        self._mechanism: Mechanism = self.arm or FreeCamera()
        self._limiter = Limiter(settings.limits, settings.period)
        self._pauses = PauseMonitor(settings.timeouts.pause)

    @property
    def state(self) -> State:
        """Whether it is disabled, holding or guiding."""
        return self.supervisor.state

    def enable(self, wanted: bool) -> None:
        """Allow guidance, or end it."""
        self.error = ''
        self.supervisor.enable(wanted)

    def assess(self, now: float) -> bool:
        """Check all inputs and the mechanism, and return whether the camera may move; ``advance`` says if in depth too.

        :param now: seconds
        """
        self.advance.update(now, self.inputs.advance_problem(now))
        problems = [*self.objections, *self.inputs.problems(now), *self._mechanism.problems(now)]
        return self.supervisor.update(now, problems)

    def step(self, now: float, *steady: float) -> MotionCommand:
        """Return the motion of the coming period; braking where the camera must not move.

        After a pause of the process it is rest at once: the robot has had no command for so long that it stands, and
        what was known is of before.

        :param now: seconds
        :param steady: likewise, by a clock that nobody sets, where it says anything of the time between two steps
        """
        if self._pauses.note(now, *steady):
            return self._rest_after_pause(now)
        wanted = np.zeros(3)
        if self.assess(now):
            try:
                wanted = self._wanted()
            except (ArithmeticError, ValueError) as error:  # LinAlgError is a ValueError
                self.error = str(error)
                self.supervisor.update(now, [Reason.ERROR])
        command = self._move(wanted, now)
        self._note_motion(now)
        return command

    def halt(self, now: float, reason: Reason, *steady: float) -> MotionCommand:
        """Stop at once, for a reason that latches, and return the command of standing still.

        :param now: seconds; see ``step``, also for ``steady``
        """
        if self._pauses.note(now, *steady):
            self._rest_after_pause(now)
        self.supervisor.update(now, [reason])
        self._mechanism.rest()
        return self._halt()

    def _rest_after_pause(self, now: float) -> MotionCommand:
        self.supervisor.update(now, [Reason.PAUSED])
        self.inputs.forget()
        self._mechanism.forget(now)
        return self._halt()

    def _halt(self) -> MotionCommand:
        self._limiter.halt()
        goal = self._mechanism.goal
        return MotionCommand(np.zeros(6), False, np.zeros_like(goal), goal)

    def _wanted(self) -> np.ndarray:
        target = self.inputs.target.point
        speeds = self.settings.law.speeds(target, self._mechanism.basis(), in_depth=self.advance.is_open)
        if not np.isfinite(speeds).all():
            raise ValueError(f'speeds {speeds} for the target {target} are not finite')
        return speeds

    def _move(self, wanted: np.ndarray, now: float) -> MotionCommand:
        if not (self._limiter.moving or wanted.any()):
            self._mechanism.rest()
        backward, forward = self._mechanism.room()
        forward[-1] = min(forward[-1], self._clearance())
        speeds = self._limiter.step(wanted, backward, forward)
        increments = self._mechanism.move(speeds)
        self.inputs.camera_advances(speeds[-1] * self.settings.period, now + self.settings.period)
        moving = self._limiter.moving
        twist = self._mechanism.basis() @ speeds if moving else np.zeros(6)
        return MotionCommand(twist, moving, increments, self._mechanism.goal)

    def _note_motion(self, now: float) -> None:
        """Tell the inputs since when the camera moves so fast that every image must differ from the last."""
        if np.all(np.abs(self._limiter.speeds) < _NOTABLE_SPEED * self.settings.limits.speed):
            self.inputs.moving_since = None
        elif self.inputs.moving_since is None:
            self.inputs.moving_since = now

    def _clearance(self) -> float:
        clearance = self.inputs.near_end - self.settings.no_go_distance - _CLEARANCE_MARGIN
        return clearance if np.isfinite(clearance) else 0.0
