"""The gate of motions in depth."""

from __future__ import annotations

from mt3dnet_ros.guidance.advance import AdvanceGate
from mt3dnet_ros.guidance.reasons import AdvanceReason

GUESS, LOST = AdvanceReason.GUESSED_SCALE, AdvanceReason.NO_SCALE


def test_it_opens_once_nothing_has_spoken_against_it_for_a_while() -> None:
    gate = AdvanceGate(1.0)
    for now, problem, expected in (
        (0.0, None, AdvanceReason.CONFIRMING_SCALE),
        (0.5, GUESS, GUESS),
        (0.6, None, AdvanceReason.CONFIRMING_SCALE),
        (1.5, None, AdvanceReason.CONFIRMING_SCALE),
        (1.6, None, None),
        (1.7, LOST, LOST),
        (1.8, None, AdvanceReason.CONFIRMING_SCALE),
    ):
        gate.update(now, problem)
        assert gate.reason is expected
        assert gate.is_open == (expected is None)


def test_it_begins_closed() -> None:
    assert not AdvanceGate(0.0).is_open


def test_only_what_closes_it_counts_as_a_stop() -> None:
    gate = AdvanceGate(0.0)
    for number, problem in enumerate((GUESS, None, LOST, GUESS, None, LOST)):
        gate.update(float(number), problem)
    assert gate.stops == {LOST: 2}


def test_a_clock_that_was_set_back_does_not_keep_it_closed() -> None:
    gate = AdvanceGate(1.0)
    gate.update(100.0, None)
    for now in (5.0, 6.0):
        gate.update(now, None)
    assert gate.is_open
