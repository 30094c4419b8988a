"""The part of the picture that the network sees rests while the view wavers, and follows it when it moves."""

from __future__ import annotations

import pytest

from mt3dnet_ros.perception.over_time.steady_box import SteadyBox

SIZE = (576, 720)
BOX = ((20, 540), (100, 620))


def moved(pixels):
    return (BOX[0], (BOX[1][0] + pixels, BOX[1][1]))


def test_a_box_that_wavers_rests():
    steady = SteadyBox()
    assert [steady(box, SIZE, stamp) for stamp, box in enumerate([BOX, moved(2), moved(-3), BOX], 1)] == [BOX] * 4


def test_a_box_that_drifts_is_followed_once_it_is_a_hundredth_away():
    steady = SteadyBox()
    found = [steady(moved(pixels), SIZE, 1 + pixels) for pixels in range(12)]
    assert found == [BOX] * 8 + [moved(8)] * 4


@pytest.mark.parametrize('box', [moved(30), ((0, 576), (0, 720))])
def test_another_box_is_taken_at_once(box):
    steady = SteadyBox()
    steady(BOX, SIZE, 1)
    assert steady(box, SIZE, 2) == box


def test_another_size_is_another_picture():
    steady = SteadyBox()
    steady(BOX, SIZE, 1)
    assert steady(moved(2), (576, 704), 2) == moved(2)


def test_a_frame_by_itself_is_neither_steadied_nor_remembered():
    steady = SteadyBox()
    steady(BOX, SIZE, 1)
    assert steady(moved(2), SIZE, 0) == moved(2)
    assert steady(moved(3), SIZE, 2) == BOX
