"""Cues of sameness: each speaks for what stays alike, and says less of what was not seen for long."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.moving_tools import Bar, see

from mt3dnet_ros.perception.tracks.likeness import Remembered, common_cells, joined, likeness
from mt3dnet_ros.perception.tracks.view import read_appearances

BAR = Bar(20)


def alike(before: Bar, now: Bar, unseen: float = 0.04, moved: tuple[float, float] = (0.0, 0.0)) -> float:
    last, view = read_appearances(see([before]))[0], see([now])
    known, seen = [Remembered(last, last.types, np.array(moved), unseen)], read_appearances(view)
    return float(likeness(known, seen, view.ids, common_cells(known, seen, view.ids))[0, 0])


@pytest.mark.parametrize(
    'other',
    [
        pytest.param(replace(BAR, column=45), id='elsewhere'),
        pytest.param(replace(BAR, class_id=3), id='another type'),
        pytest.param(replace(BAR, depth=0.11), id='farther'),
        pytest.param(replace(BAR, color=(210, 200, 190)), id='another colour'),
        pytest.param(replace(BAR, length=12), id='another shape'),
    ],
)
def test_what_differs_is_less_alike(other):
    assert alike(BAR, other) < alike(BAR, BAR) - 1.0


def test_the_same_is_rather_the_same_and_what_is_elsewhere_is_not():
    assert alike(BAR, BAR) > 5.0
    assert alike(BAR, replace(BAR, column=60)) < 0.0
    assert alike(BAR, BAR, unseen=4.0) > 1.0


def test_what_was_not_seen_for_some_time_may_have_moved():
    moved = replace(BAR, column=35)
    assert alike(BAR, moved, unseen=2.0) > alike(BAR, moved)


@pytest.mark.parametrize(('moved', 'common'), [(0.0, 0), (9.0, 360), (900.0, 0)], ids=['not moved', 'moved', 'beyond'])
def test_a_mask_is_compared_where_it_is_expected(moved, common):
    last, view = read_appearances(see([BAR]))[0], see([replace(BAR, column=29)])
    known = [Remembered(last, last.types, np.array([moved, 0.0]) / np.hypot(*view.ids.shape), 0.04)]
    assert common_cells(known, read_appearances(view), view.ids).tolist() == [[common]]


def test_nothing_is_alike_to_nothing():
    view = see([BAR])
    seen = read_appearances(view)
    common = common_cells([], seen, view.ids)
    assert common.shape == likeness([], seen, view.ids, common).shape == (0, 1)


@pytest.mark.parametrize(
    ('common', 'known', 'seen', 'expected'),
    [
        pytest.param([[100], [90]], [100, 100], [195], [[True], [True]], id='two in one'),
        pytest.param([[100], [5]], [100, 100], [110], [[False], [False]], id='one, and a bit of another'),
        pytest.param([[100, 0], [0, 90]], [100, 100], [100, 95], [[False] * 2] * 2, id='each in its own'),
        pytest.param([[100], [9]], [100, 10], [105], [[False], [False]], id='a speck beside a tool'),
    ],
)
def test_instruments_that_are_seen_as_one_are_joined(common, known, seen, expected):
    assert joined(np.array(common), np.array(known), np.array(seen)).tolist() == expected


def test_an_unknown_depth_says_nothing():
    unknown = replace(BAR, depth=float('nan'))
    assert alike(unknown, BAR) == alike(BAR, unknown) < alike(BAR, BAR)
