"""The dead-man switch: released by any word, and by the silence of what publishes it."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.signs_of_life.dead_man import HEARTBEATS, LIVELINESS, NONE, OWN, TOPIC, DeadManSwitch

TIMEOUT = 0.08
PERIOD = 0.05  # of joy_node, as it comes


def pressed(heartbeat: str, repeats: int = 1, publisher: str = 'pedal') -> DeadManSwitch:
    """Return a switch that was pressed, and said so ``repeats`` times, the last time at 0 s."""
    switch = DeadManSwitch(heartbeat, TIMEOUT)
    for number in range(repeats):
        switch.take(True, (number + 1 - repeats) * PERIOD, publisher)
    return switch


@pytest.mark.parametrize('heartbeat', HEARTBEATS)
def test_it_is_released_until_it_is_pressed(heartbeat: str) -> None:
    switch = DeadManSwitch(heartbeat, TIMEOUT)
    switch.note_liveliness(True)
    switch.beat(-0.01)
    switch.beat(0.0)
    assert switch.problem(0.0) is Reason.DEAD_MAN


def test_a_switch_that_repeats_itself_lives_until_it_is_late() -> None:
    switch = pressed(OWN, repeats=2)
    assert [switch.problem(time) for time in (0.0, 0.08, 0.09)] == [None, None, Reason.SILENT_DEAD_MAN]


def test_a_switch_that_speaks_on_events_never_lets_the_camera_move() -> None:
    switch = pressed(OWN)
    assert {switch.problem(time) for time in np.arange(0.0, 30.0, 0.01)} == {Reason.SILENT_DEAD_MAN}
    assert 'dead_man_heartbeat' in Reason.SILENT_DEAD_MAN.value
    assert 'autorepeat_rate' in Reason.SILENT_DEAD_MAN.value


def test_such_a_switch_lives_by_what_beats_beside_it() -> None:
    switch = pressed(TOPIC)
    assert switch.problem(0.0) is Reason.SILENT_DEAD_MAN
    for time in np.arange(0.0, 1.0, 0.01):
        switch.beat(time)
    assert [switch.problem(time) for time in (1.0, 1.06, 1.08)] == [None, None, Reason.SILENT_DEAD_MAN]


def test_such_a_switch_lives_as_long_as_the_middleware_says_so() -> None:
    switch = pressed(LIVELINESS)
    assert switch.problem(0.0) is Reason.SILENT_DEAD_MAN
    switch.note_liveliness(True)
    assert switch.problem(30.0) is None
    switch.note_liveliness(False)
    assert switch.problem(30.0) is Reason.SILENT_DEAD_MAN


def test_at_ones_own_risk_it_is_believed_for_ever() -> None:
    assert pressed(NONE).problem(1e6) is None


@pytest.mark.parametrize('first', [True, False])
def test_of_two_publishers_that_disagree_the_one_that_says_released_wins(first: bool) -> None:
    switch = DeadManSwitch(OWN, TIMEOUT)
    for number in range(200):
        switch.take(first, 0.01 * number, 'one')
        assert switch.problem(0.01 * number) is not None or number == 0
        switch.take(not first, 0.01 * number + 0.005, 'other')
        assert switch.problem(0.01 * number + 0.005) is Reason.DEAD_MAN


def test_a_word_of_long_ago_that_says_released_still_wins_over_another_that_repeats_itself() -> None:
    switch = DeadManSwitch(OWN, TIMEOUT)
    switch.take(False, 0.0, 'on events')
    for time in np.arange(0.0, 10.0, PERIOD):
        switch.take(True, time, 'joy_node')
    assert switch.problem(10.0) is Reason.DEAD_MAN


def test_both_that_say_pressed_must_live() -> None:
    switch = pressed(OWN, repeats=2)
    switch.take(True, 0.0, 'on events')
    assert switch.problem(0.0) is Reason.SILENT_DEAD_MAN


def test_what_a_publisher_said_that_is_gone_is_forgotten() -> None:
    switch = pressed(NONE)
    switch.take(False, 0.0, 'other')
    switch.keep({'pedal'})
    assert switch.problem(0.0) is None
    switch.keep(set())
    assert switch.problem(0.0) is Reason.DEAD_MAN


def test_after_all_is_forgotten_it_must_be_pressed_anew() -> None:
    switch = pressed(OWN, repeats=2)
    switch.forget()
    assert switch.problem(0.0) is Reason.DEAD_MAN
