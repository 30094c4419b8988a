"""Flicker: how unlike the masks of consecutive frames are."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.evaluation.scorers.flicker import FlickerScorer


def mask(*columns):
    result = np.zeros((4, 10), bool)
    result[:, list(columns)] = True
    return result


def section_of(*masks):
    scorer = FlickerScorer()
    for each in masks:
        scorer.update(each)
    return scorer.section()


def test_masks_that_stay_do_not_flicker():
    assert section_of(mask(1, 2), mask(1, 2), mask(1, 2)).metrics['iou_consecutive_mean'][:3] == (1.0, 2, 'pairs')


def test_each_frame_is_compared_with_the_one_before():
    section = section_of(mask(1, 2), mask(2, 3), mask(2, 3), mask(8))
    assert section.metrics['iou_consecutive_mean'].value == pytest.approx((1 / 3 + 1 + 0) / 3)
    assert section.metrics['iou_consecutive_worst'].value == 0.0


def test_a_tool_that_vanishes_is_flicker_and_an_empty_view_is_counted_apart():
    section = section_of(mask(), mask(), mask(), mask(1), mask(1), mask())
    assert section.metrics['iou_consecutive_mean'][:3] == (pytest.approx((0 + 1 + 0) / 3), 3, 'pairs')
    assert section.metrics['empty_pairs'][:3] == (2.0, 5, 'pairs')
    np.testing.assert_array_equal(section.curves['iou_consecutive'], [np.nan, np.nan, 0.0, 1.0, 0.0])


def test_a_video_without_any_instrument_is_not_judged():
    assert 'no instrument in any of the frames' in section_of(mask(), mask(), mask()).skipped


def test_a_single_frame_says_nothing():
    assert 'no two consecutive frames' in section_of(mask(1)).skipped
