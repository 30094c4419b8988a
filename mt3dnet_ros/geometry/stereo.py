"""Two cameras that look at the same scene."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.geometry.camera import Camera, CameraError

_TOLERANCE = 1e-3  # calibrations are printed with four digits


@dataclass(frozen=True)
class StereoCamera:
    """A calibrated pair: a point X in the left camera's optical frame is ``R X + T`` in the right one's.

    The two principal points may differ, as those of endoscopes do, whose optical axes converge:
    ``x_left - x_right = f B / Z + (cx_left - cx_right)`` in a rectified pair.

    :param left: camera of the left image
    :param right: camera of the right image
    :param rotation: R, nine numbers, row by row
    :param translation: T in metres; its first component is negative where the right camera is on the right
    :raises CameraError: when R is not a rotation or T has no length
    """

    left: Camera
    right: Camera
    rotation: tuple[float, ...]
    translation: tuple[float, float, float]

    def __post_init__(self) -> None:
        """Refuse what no pair has, such as a Rodrigues vector for a rotation."""
        turn = np.asarray(self.rotation, np.float64)
        if turn.shape != (9,) or not _is_rotation(turn.reshape(3, 3)):
            raise CameraError(f'stereo rotation {list(self.rotation)} must be the nine numbers of a rotation matrix')
        if len(self.translation) != 3 or not np.isfinite(self.translation).all() or self.baseline == 0.0:
            raise CameraError(f'stereo translation {list(self.translation)} must be three numbers in metres, not all 0')

    @property
    def baseline(self) -> float:
        """Distance of the two cameras in metres."""
        return float(np.linalg.norm(self.translation))

    def to_right(self, points: np.ndarray) -> np.ndarray:
        """Return points of the left optical frame in the right one.

        :param points: (..., 3) metres
        """
        return np.asarray(points, np.float64) @ np.reshape(self.rotation, (3, 3)).T + self.translation

    def to_left(self, points: np.ndarray) -> np.ndarray:
        """Return points of the right optical frame in the left one: the inverse of ``to_right``."""
        return (np.asarray(points, np.float64) - self.translation) @ np.reshape(self.rotation, (3, 3))

    def resized(self, width: int, height: int) -> StereoCamera:
        """Return the pair of the same views resampled to another size."""
        return replace(self, left=self.left.resized(width, height), right=self.right.resized(width, height))

    def cropped(self, x: int, y: int, width: int, height: int) -> StereoCamera:
        """Return the pair of the same window of both images; see ``Camera.cropped``."""
        window = x, y, width, height
        return replace(self, left=self.left.cropped(*window), right=self.right.cropped(*window))


def _is_rotation(matrix: np.ndarray) -> bool:
    orthonormal = np.allclose(matrix @ matrix.T, np.eye(3), atol=_TOLERANCE)
    return bool(orthonormal and np.linalg.det(matrix) > 0.0)
