"""A target is smoothed, held where it jumps, and believed at a new place once it stays there."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.guidance.target_filter import TargetFilter

HERE, BESIDE, ELSEWHERE = np.array([0.0, 0.0, 0.1]), np.array([0.01, 0.0, 0.1]), np.array([0.08, 0.0, 0.1])


@pytest.fixture
def target() -> TargetFilter:
    target = TargetFilter(time_constant=0.1, jump_distance=0.03, confirmation=0.3)
    target.take(HERE, 0.0)
    return target


def test_the_first_point_is_the_target(target: TargetFilter) -> None:
    np.testing.assert_array_equal(target.point, HERE)


def test_63_percent_of_a_step_lie_behind_after_the_time_constant(target: TargetFilter) -> None:
    for time in (0.03, 0.05, 0.1):
        target.take(BESIDE, time)
    assert target.point[0] == pytest.approx(0.01 * (1.0 - np.exp(-1.0)))


def test_a_jump_leaves_the_target_where_it_was(target: TargetFilter) -> None:
    target.take(ELSEWHERE, 0.1)
    assert target.jumping
    np.testing.assert_array_equal(target.point, HERE)


def test_one_wrong_point_is_forgotten(target: TargetFilter) -> None:
    target.take(ELSEWHERE, 0.1)
    target.take(HERE, 0.14)
    assert not target.jumping


def test_a_place_where_the_target_stays_becomes_the_target(target: TargetFilter) -> None:
    for time in (0.1, 0.2, 0.3):
        target.take(ELSEWHERE, time)
        assert target.jumping
    target.take(ELSEWHERE, 0.41)
    assert not target.jumping
    np.testing.assert_array_equal(target.point, ELSEWHERE)


def test_points_that_jump_about_are_never_believed(target: TargetFilter) -> None:
    for number in range(100):
        target.take(ELSEWHERE * (-1) ** number, 0.1 * (number + 1))
        assert target.jumping


def test_an_older_point_does_not_turn_time_back(target: TargetFilter) -> None:
    target.take(BESIDE, 0.1)
    before = target.point
    target.take(HERE, 0.05)
    np.testing.assert_array_equal(target.point, before)
