"""What tells instruments apart in a frame."""

from __future__ import annotations

import numpy as np
import pytest
from support.moving_tools import CELLS, Bar, see

from mt3dnet_ros.perception.tracks.view import diagonal, read_appearances

UNIT = diagonal(np.zeros(CELLS))


def test_middle_and_outer_end_are_shares_of_the_diagonal():
    found = read_appearances(see([Bar(10, length=40, width=9)]))[0]
    np.testing.assert_allclose(found.middle * UNIT, [14, 19.5])
    assert found.outer_end[1] * UNIT < 8 and found.outer_end[0] * UNIT == pytest.approx(13, abs=2)
    assert found.cells.shape == (2, 360)


def test_the_outer_end_of_a_tool_is_where_it_enters_whichever_border_that_is():
    view = see([Bar(30)])
    view.ids[:] = 0
    view.ids[30:36, 40:] = 1  # from the right
    assert read_appearances(view)[0].outer_end[0] * UNIT > 70


def test_tools_are_read_in_the_order_of_their_detections_and_those_without_a_mask_left_out():
    view = see([Bar(10, depth=0.05), Bar(50, depth=0.08)])
    view.detections.reverse()
    assert [found.depth for found in read_appearances(view)] == [0.08, 0.05]
    view.ids[view.ids == 2] = 0
    assert [found.depth for found in read_appearances(view)] == [0.05]


def test_an_empty_view_has_nothing():
    assert read_appearances(see([])) == []


def test_colours_are_those_of_shaft_and_wrist():
    view = see([Bar(10, color=(200, 40, 40)), Bar(50, color=(200, 40, 40)), Bar(30, color=(90, 90, 95))])
    view.picture[30:, 50:59] = (255, 255, 255)  # shining claspers
    red, with_shine, grey = (found.colours for found in read_appearances(view))
    np.testing.assert_allclose(red, with_shine)
    assert red.sum() == pytest.approx(1.0) and np.sqrt(red * grey).sum() < 0.1


def test_a_picture_larger_than_the_map_is_sampled_in_its_cells():
    view = see([Bar(10, color=(200, 40, 40))])
    large = np.repeat(np.repeat(view.picture, 4, axis=0), 4, axis=1)
    fine = read_appearances(type(view)(view.detections, view.ids, view.parts, large))[0]
    np.testing.assert_allclose(fine.colours, read_appearances(view)[0].colours)
