"""The gaze is smoothed over time."""

from __future__ import annotations

import math

import pytest

from mt3dnet_ros.perception.over_time.gaze import GazeFilter
from mt3dnet_ros.perception.scene import UNKNOWN

SECOND = 1_000_000_000
START, END = (0.0, 0.0, 0.1), (0.01, -0.02, 0.2)


def along(share: float) -> object:
    return pytest.approx(tuple(a + share * (b - a) for a, b in zip(START, END, strict=True)))


@pytest.fixture
def gaze() -> GazeFilter:
    """Return one that rests on ``START`` since the stamp of 10 s."""
    resting = GazeFilter()
    assert resting(START, 10 * SECOND, 0.5) == START
    return resting


def test_after_the_time_constant_63_percent_of_a_step_lie_behind(gaze):
    assert gaze(END, 10 * SECOND + SECOND // 2, 0.5) == along(1.0 - math.exp(-1.0))


@pytest.mark.parametrize('frames', [1, 3, 20])
def test_smoothing_does_not_depend_on_the_rate_of_frames(gaze, frames):
    for k in range(1, frames + 1):
        seen = gaze(END, 10 * SECOND + k * SECOND // frames, 0.5)
    assert seen == along(1.0 - math.exp(-2.0))


def test_time_constant_of_zero_follows_at_once(gaze):
    assert gaze(END, 10 * SECOND + 1, 0.0) == END


def test_frame_of_the_same_time_does_not_move_it(gaze):
    assert gaze(END, 10 * SECOND, 0.5) == along(0.0)


def test_unknown_point_is_unknown_and_is_bridged(gaze):
    assert gaze(UNKNOWN, 10 * SECOND + SECOND // 4, 0.5) is UNKNOWN
    assert gaze(END, 10 * SECOND + SECOND // 2, 0.5) == along(1.0 - math.exp(-1.0))


def test_after_forgetting_a_point_is_taken_as_it_is(gaze):
    gaze.forget()
    assert gaze(END, 10 * SECOND + 1, 0.5) == END


def test_frame_without_a_stamp_is_neither_smoothed_nor_remembered(gaze):
    assert gaze(END, 0, 0.5) == END
    assert gaze(START, 10 * SECOND + 1, 0.5) == along(0.0)
