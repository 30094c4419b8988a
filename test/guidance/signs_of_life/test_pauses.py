"""Pauses of the process, by whatever clock shows them."""

from __future__ import annotations

from mt3dnet_ros.guidance.signs_of_life.pauses import PauseMonitor


def test_cycles_in_time_are_no_pause_and_a_longer_one_is_told_once() -> None:
    monitor = PauseMonitor(longest=0.1)
    assert [monitor.note(time) for time in (5.0, 5.01, 5.1, 5.25, 5.26)] == [False, False, False, True, False]


def test_a_pause_that_only_one_clock_shows_is_one() -> None:
    monitor = PauseMonitor(longest=0.1)
    monitor.note(5.0, 100.0)
    assert monitor.note(5.01, 100.2)
    assert monitor.note(9.01, 100.21)


def test_a_clock_that_was_set_back_is_a_pause() -> None:
    monitor = PauseMonitor(longest=0.1)
    monitor.note(5.0)
    assert monitor.note(4.99)
