"""Which boxes are right."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.evaluation.scorers.box_matches import box_iou, match_boxes, true_boxes
from mt3dnet_ros.perception.scene import Box, Detection

HERE, NEAR, ELSEWHERE = Box(0, 0, 10, 10), Box(0, 2, 10, 10), Box(50, 50, 10, 10)


def found(score, box, class_id=1):
    return Detection(class_id, 'forceps', score, 1, box)


@pytest.mark.parametrize(('other', 'iou'), [(HERE, 1.0), (NEAR, 80 / 120), (ELSEWHERE, 0.0), (Box(10, 0, 10, 10), 0.0)])
def test_overlap_is_that_over_the_union(other, iou):
    assert box_iou(HERE, other) == pytest.approx(iou)


def test_a_box_is_right_where_an_instrument_is_whatever_its_type():
    matches = match_boxes([([found(0.9, NEAR, class_id=7), found(0.4, ELSEWHERE)], [HERE])])
    assert matches.right.tolist() == [True, False]


def test_an_instrument_counts_once_for_the_strongest_box():
    matches = match_boxes([([found(0.4, HERE), found(0.8, NEAR)], [HERE])])
    assert dict(zip(matches.scores.tolist(), matches.right.tolist(), strict=True)) == {0.8: True, 0.4: False}


def test_boxes_are_not_compared_across_frames():
    assert not match_boxes([([found(0.9, HERE)], []), ([], [HERE])]).right.any()


def test_what_is_missed_and_what_is_false_counts():
    matches = match_boxes([([found(0.9, HERE), found(0.6, ELSEWHERE)], [HERE, Box(90, 0, 5, 5)])])
    assert matches.at(0.5) == (0.5, 0.5, pytest.approx(2 * 1 / (2 + 2)))
    assert matches.at(0.7) == (1.0, 0.5, pytest.approx(2 * 1 / (1 + 2)))


def test_where_nothing_is_there_or_found_nothing_is_claimed():
    assert np.isnan(match_boxes([]).at(0.5)).all()
    precision, recall, f1 = match_boxes([([], [HERE])]).at(0.5)
    assert np.isnan(precision) and recall == f1 == 0.0


def test_true_boxes_hold_each_instance_with_all_its_pieces():
    instances = np.zeros((20, 30), np.uint8)
    instances[2:5, 3:9] = 1
    instances[10:12, 20:22] = instances[15:16, 25:26] = 4
    assert true_boxes(instances) == [Box(3, 2, 6, 3), Box(20, 10, 6, 6)]
