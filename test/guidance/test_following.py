"""An arm that does not follow is noticed; one that follows late is not."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.guidance.following import FollowingMonitor

PERIOD = 0.01


def watch(commanded: np.ndarray, measured: np.ndarray) -> int | None:
    """Return the period at which the arm is found frozen; None where it never is.

    :param commanded: (n,) positions of the pitch (and ``measured``)
    """
    monitor = FollowingMonitor(PERIOD, response_time=0.05)
    for number, pair in enumerate(zip(commanded, measured, strict=True)):
        monitor.note(*(np.array([0.0, position, 0.0]) for position in pair))
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
