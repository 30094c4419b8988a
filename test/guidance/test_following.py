"""An arm that does not follow is noticed; one that follows late is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.guidance.following import FollowingMonitor

PERIOD = 0.01


def watch(commanded: np.ndarray, measured: np.ndarray, **settings: float) -> int | None:
    """Return the period at which the arm is found frozen; None where it never is.

    :param commanded: (n,) positions of the pitch (and ``measured``)
    """
    monitor = FollowingMonitor(response_time=0.05, **settings)
    for number, pair in enumerate(zip(commanded, measured, strict=True)):
        monitor.note(*(np.array([0.0, position, 0.0]) for position in pair), PERIOD * number)
        if monitor.frozen:
            return number
    return None


def late(positions: np.ndarray, periods: int) -> np.ndarray:
    return np.concatenate([np.full(periods, positions[0]), positions[:-periods]]) if periods else positions


TIME = PERIOD * np.arange(300)
MOTIONS = {'steady': 0.05 * TIME, 'to and fro': 0.02 * np.sin(4.0 * TIME), 'slow': 0.005 * TIME, 'at rest': 0.0 * TIME}


@pytest.mark.parametrize('delay', [0, 2, 4])
@pytest.mark.parametrize('commanded', MOTIONS.values(), ids=MOTIONS)
def test_an_arm_that_follows_late_is_not_frozen(commanded: np.ndarray, delay: int) -> None:
    assert watch(commanded, late(commanded, delay)) is None


def test_a_steady_error_is_no_frozen_arm() -> None:
    assert watch(MOTIONS['steady'], MOTIONS['steady'] - 0.03) is None


@pytest.mark.parametrize('speed', [0.03, -0.08])
def test_a_frozen_arm_is_noticed_within_120_ms(speed: float) -> None:
    commanded = speed * TIME
    measured = np.where(TIME < 1.0, commanded, commanded[100])
    assert 100 < watch(commanded, measured) <= 112


def test_an_arm_that_creeps_away_from_a_slow_command_is_noticed() -> None:
    assert watch(MOTIONS['slow'], 0.0 * TIME) is None  # 15 mrad in three seconds
    assert watch(2.0 * MOTIONS['slow'], 0.0 * TIME) == 201  # 20 mrad after two


def test_an_arm_that_runs_the_other_way_is_noticed() -> None:
    assert watch(MOTIONS['steady'], -MOTIONS['steady']) is not None


def with_pauses(speed: float, length: float, follows: float = math.inf, **settings: float) -> float | None:
    """Return when an arm is found frozen whose state, and motion, pauses once a second; None where it never is.

    :param follows: seconds for which it follows at all
    """
    monitor, stamp, measured = FollowingMonitor(response_time=0.05, **settings), 0.0, 0.0
    for number in range(600):
        time, commanded = PERIOD * number, speed * PERIOD * number
        if number % 100 >= round(length / PERIOD):  # else nothing is measured, and nothing moves
            stamp = time
        monitor.note(np.array([commanded, 0.0, 0.0]), np.array([measured, 0.0, 0.0]), stamp)
        if time == stamp and monitor.frozen:
            return time
        if time == stamp and time < follows:  # after its measurement: the first one after a pause tells of no motion
            measured = commanded
    return None


@pytest.mark.parametrize('length', [0.04, 0.06, 0.08, 0.09])
@pytest.mark.parametrize('speed', [0.02, 0.08])
def test_an_arm_whose_state_pauses_is_not_frozen(speed: float, length: float) -> None:
    assert with_pauses(speed, length) is None


@pytest.mark.parametrize('begin', np.arange(0, 100, 7).tolist())
def test_goals_that_come_one_by_one_are_followed_although_the_state_pauses(begin: int) -> None:
    monitor, measured, stamp = FollowingMonitor(response_time=0.15), 0.0, 0.0
    for number in range(400):
        commanded = 0.08 * PERIOD * number
        pauses = number >= 100 and (number - begin) % 100 < 8
        if not pauses:
            stamp = PERIOD * number
        monitor.note(np.array([commanded, 0.0, 0.0]), np.array([measured, 0.0, 0.0]), stamp)
        assert not (monitor.frozen and not pauses)
        has_paused = number > 100 and (number - begin) % 100 == 8  # whose goals are taken now
        if not pauses and (number % 5 == 0 or has_paused):
            measured = commanded


def test_a_state_that_comes_rarely_does_not_pause_all_the_time() -> None:
    monitor = FollowingMonitor(response_time=0.05)
    found = None
    for number in range(100):
        commanded, measured = (0.08 * PERIOD * min(count, 1000) for count in (number, min(number, 40)))
        monitor.note(np.array([commanded, 0.0, 0.0]), np.array([measured, 0.0, 0.0]), PERIOD * (number - number % 4))
        if monitor.frozen and found is None:
            found = number
    assert found is not None and 40 < found <= 56, 'as soon as with ten times as many measurements'


def test_a_pause_longer_than_the_longest_is_a_standstill() -> None:
    assert with_pauses(0.08, 0.08, longest_pause=0.05) is not None


def test_an_arm_that_stops_for_good_is_noticed_although_its_state_pauses() -> None:
    assert 2.0 < with_pauses(0.08, 0.08, follows=2.0) < 2.3


def test_measurements_that_are_not_new_tell_nothing_but_how_far_the_arm_is_behind() -> None:
    monitor = FollowingMonitor(response_time=0.05)
    for number in range(24):
        monitor.note(np.array([0.08 * PERIOD * number, 0.0, 0.0]), np.zeros(3), stamp=1.0)
    assert not monitor.frozen
    monitor.note(np.array([0.0201, 0.0, 0.0]), np.zeros(3), stamp=1.0)
    assert monitor.frozen


def test_a_longer_window_forgives_a_longer_standstill_that_is_told() -> None:
    commanded = MOTIONS['steady'] * 1.6
    measured = np.where((TIME >= 1.0) & (TIME < 1.08), commanded[100], commanded)
    assert watch(commanded, measured) is not None
    assert watch(commanded, measured, window=0.2) is None
