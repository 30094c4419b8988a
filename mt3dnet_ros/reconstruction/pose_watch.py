"""Poses that a robot gives, watched: one that jumps is not believed."""

from __future__ import annotations

import numpy as np

_AHEAD = 0.1  # metres before the camera, where what it sees is
_LEAST = 0.003  # metres that any two poses may be apart: kinematics are quantised
_LONGEST = 1.0  # seconds after which a pose says nothing of where the camera can be


class PoseWatch:
    """Remembers where the camera was, and how fast it can be.

    A camera that stays where it has jumped to is believed in the end: poses can be set anew.

    :param most_speed: metres per second, of the camera or of what it sees 0.1 m ahead
    :param patience: poses in a row that agree with one another, after which they are believed
    """

    def __init__(self, most_speed: float, patience: int) -> None:
        self._most_speed, self._patience = most_speed, patience
        self._believed: tuple[float, np.ndarray] | None = None
        self._doubted: tuple[float, np.ndarray] | None = None
        self._agreeing = 0

    def problem(self, pose: np.ndarray, time: float) -> str:
        """Return why a pose is not believed, in words; empty where it is.

        :param pose: (4, 4) from the camera's optical frame to the fixed frame
        :param time: seconds; where it goes back, what came before counts no more
        """
        speed = self._speed(self._believed, pose, time)
        if speed <= self._most_speed:
            return self._believe(pose, time)
        follows = self._doubted is not None and self._speed(self._doubted, pose, time) <= self._most_speed
        self._agreeing = self._agreeing + 1 if follows else 1
        self._doubted = time, pose
        if self._agreeing > self._patience:
            return self._believe(pose, time)
        return f'the pose of the camera jumps: {speed:.2f} m/s, more than {self._most_speed:g} m/s'

    def _believe(self, pose: np.ndarray, time: float) -> str:
        self._believed, self._doubted, self._agreeing = (time, pose), None, 0
        return ''

    @staticmethod
    def _speed(before: tuple[float, np.ndarray] | None, pose: np.ndarray, time: float) -> float:
        """Return how fast the camera would have come from an earlier pose; 0 where that tells nothing."""
        if before is None or not 0.0 < time - before[0] <= _LONGEST:
            return 0.0
        marks = np.array([[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, _AHEAD, 1.0]])
        distance = float(np.linalg.norm(marks @ (before[1] - pose).T, axis=-1).max())
        return max(0.0, distance - _LEAST) / (time - before[0])
