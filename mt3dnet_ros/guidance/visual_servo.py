"""Image-based control: how the camera must move for its target to come to the centre, at the working distance.

The features are x = X / Z and y = Y / Z of the target and its depth Z. How they change with the camera's motion
(v, omega), for a target at rest, is the interaction matrix of F. Chaumette and S. Hutchinson, Visual servo control,
part I, IEEE Robotics and Automation Magazine 13 (4), 2006, equations 10 to 12, with Z itself as the third row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DAMPING = 0.02  # of the inversion; without units, see ServoLaw.speeds
# A camera that is free to turn about its own x and y axes and to move along z: (6, 3).
FREE_CAMERA = np.array(
    [
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0],
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0],
    ]
)


def interaction(target: np.ndarray) -> np.ndarray:
    """Return the interaction matrix (3, 6) of x, y and Z.

    :param target: (3,) metres, optical frame, before the camera
    """
    x, y, z = target[0] / target[2], target[1] / target[2], target[2]
    return np.array(
        [
            [-1.0 / z, 0.0, x / z, x * y, -(1.0 + x * x), y],
            [0.0, -1.0 / z, y / z, 1.0 + y * y, -x * y, -x],
            [0.0, 0.0, -1.0, -y * z, x * z, 0.0],
        ]
    )


def outside_dead_band(error: np.ndarray, band: float) -> np.ndarray:
    """Return the part of an error that lies beyond a dead band: continuous, and zero within it.

    :param error: (n,), whose length is compared with the band
    """
    length = float(np.linalg.norm(error))
    return error * (1.0 - band / length) if length > band else np.zeros_like(error)


@dataclass(frozen=True)
class ServoLaw:
    """Lets the errors decay exponentially: d(error)/dt = -gain * error.

    :param working_distance: of camera and target along the optical axis, metres
    :param centring_gain: of x and y, 1/s
    :param distance_gain: of Z, 1/s
    :param dead_band: of x and y, as an angle in radians
    :param distance_dead_band: of Z, metres
    """

    working_distance: float
    centring_gain: float
    distance_gain: float
    dead_band: float
    distance_dead_band: float

    def speeds(self, target: np.ndarray, basis: np.ndarray, in_depth: bool = True) -> np.ndarray:
        """Return the speeds (3,) of the motions that the camera can make: two turns (rad/s) and one advance (m/s).

        The matrix is inverted by damped least squares with depth and advance in units of the working distance, so that
        all its entries are comparable.

        :param target: (3,) metres, optical frame, before the camera
        :param basis: (6, 3) the camera's velocity and angular velocity per speed, optical frame
        :param in_depth: False centres the target by the turns alone: the advance is 0
        """
        count = 3 if in_depth else 2  # of the features and of the motions
        unit = np.array([1.0, 1.0, self.working_distance])[:count]
        matrix = (interaction(target) @ basis)[:count, :count] / unit[:, None] * unit
        wanted = self._wanted(target)[:count] / unit
        damped = matrix @ matrix.T + DAMPING**2 * np.eye(count)
        speeds = np.zeros(3)
        speeds[:count] = unit * (matrix.T @ np.linalg.solve(damped, wanted))
        return speeds

    def _wanted(self, target: np.ndarray) -> np.ndarray:
        """Return the rates of x, y (1/s) and Z (m/s) that are wanted."""
        aside = outside_dead_band(target[:2] / target[2], self.dead_band)
        away = outside_dead_band(target[2:] - self.working_distance, self.distance_dead_band)
        return -np.concatenate([self.centring_gain * aside, self.distance_gain * away])
