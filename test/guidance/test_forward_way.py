"""How far the camera went forward since an image."""

from __future__ import annotations

import pytest

from mt3dnet_ros.guidance.forward_way import ForwardWay


@pytest.fixture
def way() -> ForwardWay:
    way = ForwardWay(memory=0.3)
    for number in range(1, 11):
        way.note(0.001, end=0.01 * number)
    return way


def test_ways_that_end_after_a_time_are_added_up(way: ForwardWay) -> None:
    assert way.since(0.065) == pytest.approx(0.004)
    assert way.since(-1.0) == pytest.approx(0.010)
    assert way.since(0.1) == 0.0


def test_a_way_back_is_no_way_forward(way: ForwardWay) -> None:
    way.note(-0.005, end=0.11)
    assert way.since(0.0) == pytest.approx(0.010)


def test_what_is_older_than_the_memory_is_forgotten(way: ForwardWay) -> None:
    way.note(0.002, end=0.355)
    assert way.since(-1.0) == pytest.approx(0.007)


def test_a_clock_that_was_set_back_begins_anew(way: ForwardWay) -> None:
    way.note(0.002, end=0.02)
    assert way.since(-1.0) == pytest.approx(0.002)
