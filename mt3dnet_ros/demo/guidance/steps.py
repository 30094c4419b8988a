"""What happened at one step of the guidance demo, and figures of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.ecm import INSERTION, ROLL

STILL = np.array([8e-4, 8e-4, 3e-5, 8e-4])  # rad/s and m/s below which a joint stands: 1 % of the default limits


@dataclass(frozen=True)
class Step:
    """What happened at one step.

    :param time: seconds
    :param seen: (3,) the target in the camera's optical frame, metres
    :param joints: (4,) measured positions, radians and metres
    :param speeds: (4,) measured
    :param increments: (4,) that were commanded
    :param reason: why guidance stood still, as diagnostics name it; ``none`` where it did not
    :param advance: likewise, why it did not move in depth; ``free`` where it might
    """

    time: float
    seen: np.ndarray
    joints: np.ndarray
    speeds: np.ndarray
    increments: np.ndarray
    reason: str
    advance: str = 'free'

    @property
    def moving(self) -> bool:
        """Whether a joint moves, or is told to."""
        return bool(np.any(np.abs(self.speeds) > STILL) or np.any(self.increments != 0.0))

    @property
    def advancing(self) -> bool:
        """Whether the insertion moves, or is told to."""
        return bool(abs(self.speeds[INSERTION]) > STILL[INSERTION] or self.increments[INSERTION] != 0.0)

    @property
    def state(self) -> str:
        """What guidance did, in words."""
        if self.reason != 'none':
            return self.reason.replace('_', ' ')
        return 'guiding' if self.advance == 'free' else f'not in depth: {self.advance.replace("_", " ")}'


def errors(steps: Sequence[Step], camera: Camera) -> np.ndarray:
    """Return (n, 2): how far the target was from the centre of the image, in widths of the image."""
    seen = np.stack([step.seen for step in steps])
    return seen[:, :2] / seen[:, 2:] * (camera.fx, camera.fy) / camera.width


@dataclass(frozen=True)
class Centring:
    """How a target at rest came to the centre.

    :param time: seconds until it stayed within the share; infinite where it did not
    :param overshoot: how far it went beyond the centre, as a share of the first error
    """

    time: float
    overshoot: float


def judge_centring(steps: Sequence[Step], camera: Camera, share: float = 0.05) -> Centring:
    """Return how long it took to come, and to stay, within a share of the image's width."""
    way = errors(steps, camera)
    outside = np.flatnonzero(np.linalg.norm(way, axis=1) > share)
    last = outside[-1] if outside.size else -1
    seconds = steps[last + 1].time - steps[0].time if last + 1 < len(steps) else float('inf')
    start = np.linalg.norm(way[0])
    beyond = -(way @ (way[0] / start)).min()
    return Centring(seconds, max(0.0, float(beyond / start)))


def stopping_time(steps: Sequence[Step], begin: float, of_advance: bool = False) -> float:
    """Return the seconds from a fault to the last motion after it; infinite where it still moved at the end.

    :param of_advance: only the motion in depth counts
    """
    moving = [(step.time, step.advancing if of_advance else step.moving) for step in steps if step.time > begin]
    if moving[-1][1]:
        return float('inf')
    return max((round(time - begin, 9) for time, moves in moving if moves), default=0.0)  # whole periods


def largest_speeds(steps: Sequence[Step], period: float) -> tuple[float, float]:
    """Return the largest commanded speeds, of yaw and pitch in rad/s and of the insertion in m/s."""
    speeds = np.abs([step.increments for step in steps]) / period
    return float(speeds[:, :INSERTION].max()), float(speeds[:, INSERTION].max())


def largest_accelerations(steps: Sequence[Step], period: float) -> tuple[float, float]:
    """Return the largest commanded accelerations, of yaw and pitch in rad/s2 and of the insertion in m/s2."""
    changes = np.abs(np.diff([step.increments for step in steps], axis=0)) / period**2
    return float(changes[:, :INSERTION].max()), float(changes[:, INSERTION].max())


def within_limits(steps: Sequence[Step], lower: np.ndarray, upper: np.ndarray) -> bool:
    """Return whether no measured joint left its range, (4,) each, and the roll, which is not commanded, never moved."""
    joints = np.stack([step.joints for step in steps])
    return bool(((joints >= lower) & (joints <= upper)).all()) and not joints[:, ROLL].std()
