"""A simulated ECM: kinematics, joint limits and a delay, no masses."""

from __future__ import annotations

import math

import numpy as np

from mt3dnet_ros.guidance.ecm import INSERTION, Ecm
from mt3dnet_ros.guidance.limits import braking_speed

# Limits of the driver's own trajectories, mtsIntuitiveResearchKitECM.cpp: 30 deg/s and 90 deg/s2, 60 mm/s and 60 mm/s2.
SPEED, ACCELERATION = np.full(4, math.radians(30.0)), np.full(4, math.radians(90.0))
SPEED[INSERTION] = ACCELERATION[INSERTION] = 0.06


class SimulatedArm:
    """Joints that approach their setpoint exponentially.

    :param joints: (4,) at the start
    :param time_constant: of the approach, seconds
    """

    def __init__(self, ecm: Ecm, joints: np.ndarray, time_constant: float = 0.02) -> None:
        self.ecm = ecm
        self._frozen = False
        self.velocity = np.zeros(4)
        self.joints = self.setpoint = self._within(np.asarray(joints, float))
        self._time_constant = time_constant
        self._goal: np.ndarray | None = None  # of a move, which takes many steps
        self._speed = np.zeros(4)

    def freeze(self, frozen: bool) -> None:
        """Hold the joints where they are, whatever is commanded; let go, they stay there until the next command."""
        if self._frozen and not frozen:
            self.setpoint, self._goal = self.joints, None
        self._frozen = frozen

    def servo_jr(self, increments: np.ndarray) -> None:
        """Move the setpoint by increments (4,)."""
        self._goal = None
        self.setpoint = self._within(self.setpoint + increments)

    def servo_jp(self, positions: np.ndarray) -> None:
        """Move the setpoint to joint positions (4,)."""
        self._goal = None
        self.setpoint = self._within(np.asarray(positions, float))

    def move_jp(self, goal: np.ndarray) -> None:
        """Begin to move to joint positions (4,), at the driver's own limits."""
        self._goal = self._within(np.asarray(goal, float))

    def step(self, period: float) -> None:
        """Let time pass, in seconds."""
        self._follow_trajectory(period)
        before = self.joints
        if not self._frozen:
            share = -math.expm1(-period / self._time_constant)
            self.joints = before + share * (self.setpoint - before)
        self.velocity = (self.joints - before) / period

    def _follow_trajectory(self, period: float) -> None:
        if self._goal is None:
            self._speed = np.zeros(4)
            return
        way = self._goal - self.setpoint
        wanted = np.sign(way) * np.minimum(SPEED, braking_speed(np.abs(way), ACCELERATION, period))
        change = ACCELERATION * period
        self._speed = np.clip(wanted, self._speed - change, self._speed + change)
        self.setpoint = self._within(self.setpoint + self._speed * period)

    def _within(self, joints: np.ndarray) -> np.ndarray:
        return np.clip(joints, *self.ecm.limits)
