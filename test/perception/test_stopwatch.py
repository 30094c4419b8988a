"""Every second of a frame is counted once, for its stage."""

from __future__ import annotations

import pytest

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.perception import stopwatch
from mt3dnet_ros.perception.stopwatch import Stopwatch


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(stopwatch.time, 'perf_counter', clock)
    return clock


def test_stage_within_another_stops_it(clock: Clock) -> None:
    watch = Stopwatch(['outer', 'inner', 'none'])
    with watch.stage('outer'):
        clock.now += 1.0
        with watch.stage('inner'):
            clock.now += 2.0
            with watch.stage('outer'):
                clock.now += 4.0
        clock.now += 8.0
    clock.now += 16.0
    assert watch.seconds == {'outer': 13.0, 'inner': 2.0, 'none': 0.0}


def test_stage_that_fails_is_counted_and_left(clock: Clock) -> None:
    watch = Stopwatch()

    def fail() -> None:
        with watch.stage('failing'):
            clock.now += 1.0
            raise InputError('fails')

    with pytest.raises(InputError, match='fails'):
        fail()
    clock.now += 2.0
    with watch.stage('next'):
        clock.now += 4.0
    assert watch.seconds == {'failing': 1.0, 'next': 4.0}


def test_going_on_leaves_the_first_as_it_was(clock: Clock) -> None:
    first = Stopwatch(['stage'])
    second = Stopwatch.going_on(first.seconds)
    with second.stage('stage'):
        clock.now += 1.0
    assert (first.seconds, second.seconds) == ({'stage': 0.0}, {'stage': 1.0})
