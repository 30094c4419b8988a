"""Limits of a motion: speed, acceleration, and room to brake before an end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def braking_speed(room: np.ndarray, acceleration: np.ndarray, period: float) -> np.ndarray:
    """Return the largest speeds (n,) from which a motion in steps can still stop within its room.

    A speed of (m + f) a T, with whole m and 0 <= f < 1, goes on for one period T and loses a T with each, so it takes
    D = a T^2 (m + 1) (m / 2 + f) to stop. This is the inverse of D, which is exact: after one such step the next one
    finds room for a speed that is a T less.

    :param room: (n,) metres or radians; below zero, or NaN, counts as none
    :param acceleration: (n,) a
    :param period: T, seconds
    """
    step = acceleration * period
    steps = np.fmax(room, 0.0) / (step * period)
    finite = np.isfinite(steps)
    whole = np.floor(np.sqrt(0.25 + 2.0 * np.where(finite, steps, 0.0)) - 0.5)
    part = (np.where(finite, steps, 0.0) - 0.5 * whole * (whole + 1.0)) / (whole + 1.0)
    return np.where(finite, step * (whole + part), np.inf)


@dataclass(frozen=True)
class MotionLimits:
    """Limits of two turns and one advance.

    :param turning_speed: rad/s
    :param turning_acceleration: rad/s2
    :param advance_speed: m/s
    :param advance_acceleration: m/s2
    """

    turning_speed: float
    turning_acceleration: float
    advance_speed: float
    advance_acceleration: float

    @property
    def speed(self) -> np.ndarray:
        """Speeds, (3,)."""
        return np.array([self.turning_speed, self.turning_speed, self.advance_speed])

    @property
    def acceleration(self) -> np.ndarray:
        """Accelerations, (3,)."""
        return np.array([self.turning_acceleration, self.turning_acceleration, self.advance_acceleration])

    @property
    def braking_time(self) -> float:
        """Seconds from full speed to rest."""
        return float(np.max(self.speed / self.acceleration))


class Limiter:
    """Turns wanted speeds into speeds that keep every limit from one period to the next.

    :param period: of the control, seconds
    """

    def __init__(self, limits: MotionLimits, period: float) -> None:
        self._limits = limits
        self._period = period
        self.speeds = np.zeros(3)

    @property
    def moving(self) -> bool:
        """Whether there is any speed."""
        return bool(np.any(self.speeds != 0.0))

    def step(self, wanted: np.ndarray, backward: np.ndarray, forward: np.ndarray) -> np.ndarray:
        """Return the speeds (3,) of the coming period.

        The acceleration comes first: where the room shrinks from outside, as it does when a surface comes nearer, the
        motion brakes as hard as it may. While the room shrinks only because of the motion, both limits hold.

        :param wanted: (3,) two turns and one advance, per second
        :param backward: (3,) room left in the negative direction (and ``forward`` in the positive one)
        """
        change = self._limits.acceleration * self._period
        least = -braking_speed(backward, self._limits.acceleration, self._period)
        most = braking_speed(forward, self._limits.acceleration, self._period)
        allowed = np.clip(self._slowed(wanted), least, most)
        self.speeds = np.clip(allowed, self.speeds - change, self.speeds + change)
        return self.speeds

    def _slowed(self, wanted: np.ndarray) -> np.ndarray:
        """Keep the speed limits; the two turns are slowed together, so that the target moves straight."""
        turning = max(1.0, float(np.max(np.abs(wanted[:2]))) / self._limits.turning_speed)
        advance = np.clip(wanted[2], -self._limits.advance_speed, self._limits.advance_speed)
        return np.array([*(wanted[:2] / turning), advance])

    def halt(self) -> None:
        """Be at rest at once, where nothing can be commanded any more."""
        self.speeds = np.zeros(3)
