"""What carries the camera: a robot that moves it freely, or the joints of an ECM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.guidance.ecm import ROLL, Ecm
from mt3dnet_ros.guidance.following import FollowingMonitor
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.guidance.visual_servo import FREE_CAMERA

_BEYOND = np.array([0.05, 0.05, 0.005, 0.05])  # radians and metres, beyond their limits, that joints may be measured
_OVER = np.array([0.002, 0.002, 0.0002, 0.002])  # radians and metres, likewise, that are taken for noise
_LATE_PERIODS = 3  # without a measurement, after which following is not judged


class ImpossibleJointsError(MT3DNetError, ValueError):
    """Joint positions at which no such arm can be."""


class Mechanism(Protocol):
    """Makes three motions, two turns and an advance, in steps of one period."""

    goal: np.ndarray  # joint positions that are commanded, radians and metres; empty without joints

    def problems(self, now: float) -> Iterator[Reason]:
        """Yield every reason that the mechanism gives to stand still."""

    def basis(self) -> np.ndarray:
        """Return (6, 3): velocity and angular velocity of the camera in its optical frame, per speed."""

    def room(self) -> tuple[np.ndarray, np.ndarray]:
        """Return how far each motion may go backward and forward, (3,) each."""

    def rest(self) -> None:
        """Note that nothing moves, and nothing shall."""

    def forget(self, now: float) -> None:
        """Take all that was measured for too old."""

    def move(self, speeds: np.ndarray) -> np.ndarray:
        """Take the speeds (3,) of the coming period and return the increments of the joints."""


class FreeCamera:
    """A camera that turns about its own x and y axes and moves along z; the robot that carries it knows its limits."""

    goal = np.zeros(0)

    def problems(self, now: float) -> Iterator[Reason]:
        """Yield nothing."""
        return iter(())

    def basis(self) -> np.ndarray:
        """Return (6, 3), see ``Mechanism``."""
        return FREE_CAMERA

    def room(self) -> tuple[np.ndarray, np.ndarray]:
        """Return that there is no end."""
        return np.full(3, np.inf), np.full(3, np.inf)

    def rest(self) -> None:
        """Nothing is to be noted."""

    def forget(self, now: float) -> None:
        """Nothing is measured."""

    def move(self, speeds: np.ndarray) -> np.ndarray:
        """Return that there are no joints."""
        return np.zeros(0)


class GuidedArm:
    """An ECM whose yaw, pitch and insertion move; its roll stays where the surgeon has put it.

    :param ecm: its kinematics
    """

    def __init__(self, ecm: Ecm, settings: GuidanceSettings) -> None:
        lower, upper = (limit[:ROLL] for limit in ecm.limits)
        margin = settings.joint_margin * (upper - lower)
        self._lower, self._upper = lower + margin, upper - margin
        self._ecm = ecm
        self._period = settings.period
        self._timeout = settings.timeouts.joints
        self._sends_goals = settings.sends_goals
        self._following = FollowingMonitor(settings.response_time, settings.following_window, settings.state_pause)
        self._time = self._stamp = float('-inf')  # when the last measurement came, and when it was made
        self.joints = self.goal = np.full(4, np.nan)  # not known yet

    def take_joints(self, joints: np.ndarray, now: float, stamp: float | None = None) -> None:
        """Take measured positions, (4,).

        :param now: seconds
        :param stamp: when they were measured, seconds of the same clock; None where nothing says so: now
        :raises ImpossibleJointsError: an ECM cannot be there; they count as not measured
        """
        self.check_joints(joints)
        self.joints, self._time, self._stamp = np.asarray(joints, float), now, now if stamp is None else stamp

    def check_joints(self, joints: np.ndarray) -> None:
        """Refuse positions (4,) at which no such arm can be.

        :raises ImpossibleJointsError: see ``take_joints``
        """
        positions = np.asarray(joints, float)
        lower, upper = self._ecm.limits
        if not ((positions >= lower - _BEYOND) & (positions <= upper + _BEYOND)).all():  # nor where one is NaN
            raise ImpossibleJointsError(
                f'joints at {_text(positions)} (yaw, pitch, insertion, roll; rad, m) are where the arm cannot be, from '
                f'{_text(lower)} to {_text(upper)}; set dvrk.model, or correct what publishes them'
            )

    def forget(self, now: float) -> None:
        """Take all that was measured for too old; new positions must come as soon as ever.

        :param now: seconds
        """
        self.joints = self.goal = np.full(4, np.nan)
        self._time = now
        self._following.forget()

    def problems(self, now: float) -> Iterator[Reason]:
        """Yield lost joints, those that are awaited after a pause, that do not follow, and where no goal is taken."""
        age = now - self._time
        if not 0.0 <= age <= self._timeout:  # below zero where the clock was set back
            yield Reason.NO_JOINTS
        elif np.isnan(self.joints).any():
            yield Reason.PAUSED
        elif age <= _LATE_PERIODS * self._period and self._following.frozen:
            yield Reason.NOT_FOLLOWING
        if self._sends_goals and self._is_out_of_range():
            yield Reason.OUT_OF_RANGE

    def _is_out_of_range(self) -> bool:
        """Return whether the arm is where it takes no goal; where it is not known, it is not said to be."""
        lower, upper = self._ecm.limits
        return bool(((self.joints < lower - _OVER) | (self.joints > upper + _OVER)).any())

    def basis(self) -> np.ndarray:
        """Return (6, 3), see ``Mechanism``."""
        return self._ecm.jacobian(self.joints)[:, :ROLL]

    def room(self) -> tuple[np.ndarray, np.ndarray]:
        """Return how far yaw, pitch and insertion may go backward and forward, (3,) each."""
        return self.goal[:ROLL] - self._lower, self._upper - self.goal[:ROLL]

    def rest(self) -> None:
        """Take the positions of now for the commanded ones: at rest the arm may be moved by hand."""
        self.goal = self.joints.copy()
        self._following.forget()

    def move(self, speeds: np.ndarray) -> np.ndarray:
        """Return the increments (4,) of a period, radians and metres."""
        increments = np.append(speeds * self._period, 0.0)
        self.goal = self.goal + increments
        self._following.note(self.goal[:ROLL], self.joints[:ROLL], self._stamp)
        return increments


def _text(joints: np.ndarray) -> str:
    return ' '.join(f'{joint:.3f}' for joint in joints)
