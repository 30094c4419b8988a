"""Poses that jump are not believed, unless the camera stays there."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.reconstruction.pose_watch import PoseWatch


def at(x: float, turn: float = 0.0) -> np.ndarray:
    pose = np.eye(4)
    pose[0, 3] = x
    pose[:3, :3] = [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    return pose


def test_a_camera_that_moves_is_believed_and_one_that_jumps_is_not() -> None:
    watch = PoseWatch(most_speed=0.5, patience=3)
    assert not any(watch.problem(at(0.01 * step), 0.05 * step) for step in range(4))
    assert watch.problem(at(0.3), 0.20) == 'the pose of the camera jumps: 5.34 m/s, more than 0.5 m/s'
    assert not watch.problem(at(0.04), 0.25)


def test_a_turn_counts_by_what_is_seen() -> None:
    watch = PoseWatch(most_speed=0.5, patience=3)
    assert not watch.problem(at(0.0), 0.0) and 'jumps' in watch.problem(at(0.0, 0.5), 0.05)


def test_a_camera_that_stays_where_it_jumped_to_is_believed_in_the_end() -> None:
    watch = PoseWatch(most_speed=0.5, patience=3)
    watch.problem(at(0.0), 0.0)
    said = [bool(watch.problem(at(0.3), 0.05 * step)) for step in range(1, 6)]
    assert said == [True, True, True, False, False]


def test_poses_that_disagree_with_one_another_are_never_believed() -> None:
    watch = PoseWatch(most_speed=0.5, patience=3)
    watch.problem(at(0.0), 0.0)
    assert all(watch.problem(at(0.3 + 0.2 * (step % 2)), 0.05 * step) for step in range(1, 9))


def test_after_a_while_or_when_time_goes_back_a_pose_tells_nothing() -> None:
    watch = PoseWatch(most_speed=0.5, patience=3)
    watch.problem(at(0.0), 10.0)
    assert not watch.problem(at(0.8), 12.0) and not watch.problem(at(0.0), 1.0)
