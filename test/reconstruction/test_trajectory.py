"""Trajectories in files: there and back, and what is none is refused by its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.bumpy_tissue import pose_on_the_way

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.reconstruction.trajectory import StampedPose, pose_at, read_trajectory, write_trajectory

POSES = [StampedPose(0.04 * number, pose_on_the_way(number / 10)) for number in range(10)]


def test_poses_come_back_from_their_file(tmp_path: Path) -> None:
    (tmp_path / 'trajectory.txt').write_text(write_trajectory(POSES[::-1]))
    read = read_trajectory(tmp_path / 'trajectory.txt')
    assert [pose.time for pose in read] == pytest.approx([pose.time for pose in POSES])
    for found, written in zip(read, POSES, strict=True):
        np.testing.assert_allclose(found.pose, written.pose, atol=1e-6)


def test_the_nearest_pose_counts_where_it_is_near_enough() -> None:
    assert pose_at(POSES, 0.05, 0.02) is POSES[1].pose
    assert pose_at(POSES, 9.0, 0.02) is None and pose_at([], 0.0, 1.0) is None
    assert pose_at(POSES, -0.01, 0.02) is POSES[0].pose


@pytest.mark.parametrize(
    'line', ['1 2 3', '0 0 0 0 0 0 0 0', '0 nan 0 0 0 0 0 1', 'a b c d e f g h', '0 0 0 0 0 0 0 1 5']
)
def test_a_line_that_is_no_pose_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / 'bad.txt').write_text(f'# head\n0 0 0 0 0 0 0 1\n{line}\n')
    with pytest.raises(InputError, match='line 3 is no pose'):
        read_trajectory(tmp_path / 'bad.txt')


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'empty.txt').write_text('# nothing\n')
    with pytest.raises(InputError, match='has no pose'):
        read_trajectory(tmp_path / 'empty.txt')
