"""Figures of the guidance demo are what they are called."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from mt3dnet_ros.demo.guidance.steps import (
    Step,
    judge_centring,
    largest_accelerations,
    largest_speeds,
    stopping_time,
    within_limits,
)
from mt3dnet_ros.geometry.camera import Camera

CAMERA = Camera(100, 80, 100.0, 100.0, 49.5, 39.5)  # X / Z is the share of the image's width
PERIOD = 0.1


def record(columns: list[float], speeds: list[float] | None = None) -> list[Step]:
    """Return steps with a target at columns (shares of the width), and the yaw's speeds in rad/s."""
    speeds = speeds or [0.0] * len(columns)
    steps = []
    for number, (column, speed) in enumerate(zip(columns, speeds, strict=True)):
        velocity = np.array([speed, 0.0, 0.0, 0.0])
        seen = np.array([0.1 * column, 0.0, 0.1])
        steps.append(Step(PERIOD * number, seen, np.zeros(4), velocity, velocity * PERIOD, 'none'))
    return steps


def test_centring_counts_until_the_target_stays() -> None:
    centring = judge_centring(record([0.4, 0.04, 0.06, 0.03, 0.0]), CAMERA)
    assert centring.time == pytest.approx(3 * PERIOD)
    assert centring.overshoot == 0.0


def test_overshoot_is_a_share_of_the_first_error() -> None:
    assert judge_centring(record([0.4, 0.0, -0.1, 0.0]), CAMERA).overshoot == pytest.approx(0.25)


def test_a_target_that_leaves_again_is_never_centred() -> None:
    assert judge_centring(record([0.4, 0.0, 0.2]), CAMERA).time == np.inf


def test_stopping_time_counts_until_the_last_motion() -> None:
    steps = record([0.0] * 6, [0.05, 0.05, 0.04, 0.02, 0.0, 0.0])
    assert stopping_time(steps, begin=PERIOD) == pytest.approx(2 * PERIOD)


def test_a_motion_that_does_not_end_has_no_stopping_time() -> None:
    assert stopping_time(record([0.0] * 3, [0.05] * 3), begin=0.0) == np.inf


def test_speeds_and_accelerations_are_those_of_the_commands() -> None:
    steps = record([0.0] * 3, [0.0, -0.05, 0.02])
    assert largest_speeds(steps, PERIOD)[0] == pytest.approx(0.05)
    assert largest_accelerations(steps, PERIOD)[0] == pytest.approx(0.7)


@pytest.mark.parametrize(('least', 'expected'), [(-1.0, True), (0.1, False)])
def test_joints_out_of_their_range_are_seen(least: float, expected: bool) -> None:
    assert within_limits(record([0.0] * 3), np.full(4, least), np.ones(4)) is expected
