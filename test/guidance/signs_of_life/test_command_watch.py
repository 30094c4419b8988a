"""Commands of a motion that break off."""

from __future__ import annotations

from mt3dnet_ros.guidance.signs_of_life.command_watch import CommandWatch


def test_a_motion_without_its_end_has_broken_off() -> None:
    watch = CommandWatch(timeout=0.1)
    watch.take(True, 1.0)
    assert [watch.broken_off(time) for time in (1.05, 1.09, 1.11)] == [False, False, True]


def test_after_rest_silence_is_nothing() -> None:
    watch = CommandWatch(timeout=0.1)
    assert not watch.broken_off(5.0)
    watch.take(True, 1.0)
    watch.take(False, 1.01)
    assert not watch.broken_off(5.0)
