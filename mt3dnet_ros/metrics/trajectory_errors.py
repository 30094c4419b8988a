"""How far an estimated camera path is from the true one (Sturm et al., IROS 2012)."""

from __future__ import annotations

import numpy as np


def absolute_trajectory_error(estimated: np.ndarray, true: np.ndarray) -> float:
    """Return the root mean square distance of the positions, once the paths lie on each other as well as they can.

    :param estimated: (n, 4, 4) poses, metres, in a frame of their own
    :param true: (n, 4, 4), at the same times
    """
    here, there = estimated[:, :3, 3], true[:, :3, 3]
    middle_here, middle_there = here.mean(axis=0), there.mean(axis=0)
    left, _, right = np.linalg.svd((here - middle_here).T @ (there - middle_there))
    mirror = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    moved = (here - middle_here) @ left @ mirror @ right + middle_there
    return float(np.sqrt(np.mean(np.sum((moved - there) ** 2, axis=-1))))


def relative_pose_error(estimated: np.ndarray, true: np.ndarray, steps: int = 1) -> tuple[float, float]:
    """Return the root mean square error of the motion over some frames: metres and radians.

    :param estimated: (n, 4, 4) poses, metres; ``true`` as well
    :param steps: frames, less than n
    """
    wrong = np.linalg.inv(_motions(true, steps)) @ _motions(estimated, steps)
    cosines = np.clip(0.5 * (np.trace(wrong[:, :3, :3], axis1=1, axis2=2) - 1.0), -1.0, 1.0)
    distances = np.linalg.norm(wrong[:, :3, 3], axis=-1)
    return float(np.sqrt(np.mean(distances**2))), float(np.sqrt(np.mean(np.arccos(cosines) ** 2)))


def path_length(poses: np.ndarray) -> float:
    """Return the length of a path, (n, 4, 4) poses in metres."""
    return float(np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=-1).sum())


def _motions(poses: np.ndarray, steps: int) -> np.ndarray:
    return np.linalg.inv(poses[:-steps]) @ poses[steps:]
