"""The overlay's switch: off at first, and worked by a service and a pedal."""

from __future__ import annotations

import pytest

from mt3dnet_ros.perception.console.switch import PRESSED, RELEASED, TAPPED, OverlaySwitch


def states(mode: str, *pedal: int) -> list[bool]:
    switch, seen = OverlaySwitch(mode), []
    for state in pedal:
        switch.take_pedal(state)
        seen.append(switch.is_on)
    return seen


@pytest.mark.parametrize('mode', ['press', 'tap', 'hold'])
def test_it_is_off_until_the_service_turns_it_on(mode: str) -> None:
    switch = OverlaySwitch(mode)
    assert not switch.is_on
    switch.set(True)
    assert switch.is_on
    switch.set(False)
    assert not switch.is_on


def test_each_press_turns_it_once_however_often_it_is_repeated() -> None:
    pedal = PRESSED, PRESSED, RELEASED, RELEASED, PRESSED, TAPPED, RELEASED, PRESSED
    assert states('press', *pedal) == [True, True, True, True, False, False, False, True]


def test_only_short_taps_turn_it() -> None:
    assert states('tap', PRESSED, RELEASED, PRESSED, TAPPED, PRESSED, TAPPED) == [
        False,
        False,
        False,
        True,
        True,
        False,
    ]


def test_it_is_on_while_the_pedal_is_held() -> None:
    assert states('hold', PRESSED, RELEASED, PRESSED, TAPPED, 7) == [True, False, True, False, False]


def test_a_pedal_that_is_lost_counts_as_released() -> None:
    switch = OverlaySwitch('hold')
    switch.take_pedal(PRESSED)
    switch.lose_pedal()
    assert not switch.is_on
