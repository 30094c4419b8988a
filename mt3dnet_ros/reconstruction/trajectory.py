"""Where a camera was and when, in the text of TUM's RGB-D benchmark: `time tx ty tz qx qy qz qw`, one pose a line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.geometry.rotation import quaternion_of, rotation_of

_COLUMNS = 8


class StampedPose(NamedTuple):
    """A camera's pose at a time.

    :param time: seconds
    :param pose: (4, 4) from the optical frame to the fixed frame
    """

    time: float
    pose: np.ndarray


def write_trajectory(poses: Sequence[StampedPose]) -> str:
    """Return the text of poses."""
    return '# time tx ty tz qx qy qz qw\n' + ''.join(_line(*pose) for pose in poses)


def read_trajectory(path: Path) -> list[StampedPose]:
    """Return the poses of a file, by time.

    :raises InputError: a line is not one of the format
    """
    poses = []
    for number, line in enumerate(path.read_text(encoding='utf-8', errors='replace').splitlines(), start=1):
        if words := line.partition('#')[0].replace(',', ' ').split():
            poses.append(_read_line(words, f"'{path}', line {number}"))
    if not poses:
        raise InputError(f"'{path}' has no pose; each line is `time tx ty tz qx qy qz qw`, in seconds and metres")
    return sorted(poses, key=lambda pose: pose.time)


def pose_at(poses: Sequence[StampedPose], time: float, within: float) -> np.ndarray | None:
    """Return the pose nearest to a time; None where none is so near.

    :param poses: by time
    :param within: seconds
    """
    place = bisect_left(poses, time, key=lambda pose: pose.time)
    near = min(poses[max(0, place - 1) : place + 1], key=lambda pose: abs(pose.time - time), default=None)
    return near.pose if near is not None and abs(near.time - time) <= within else None


def _line(time: float, pose: np.ndarray) -> str:
    values = (*pose[:3, 3], *quaternion_of(pose[:3, :3]))
    return f'{time:.6f} {" ".join(f"{value:.7f}" for value in values)}\n'


def _read_line(words: Sequence[str], where: str) -> StampedPose:
    try:
        time, *values = map(float, words)
        x, y, z, *quaternion = values
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = rotation_of(*quaternion), (x, y, z)
    except (ValueError, TypeError) as error:
        raise InputError(
            f'{where} is no pose ({error}); it must be `time tx ty tz qx qy qz qw`, in seconds and metres'
        ) from error
    if len(words) != _COLUMNS or not np.isfinite([time, *pose[:3, 3]]).all():
        raise InputError(f'{where} is no pose; it must be {_COLUMNS} finite numbers: time tx ty tz qx qy qz qw')
    return StampedPose(time, pose)
