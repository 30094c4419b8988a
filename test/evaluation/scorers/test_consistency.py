"""Consistency: whether the mask of a picture stays the same when the picture is changed."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.evaluation.scorers.consistency import ConsistencyScorer


@pytest.fixture
def picture():
    image = np.full((60, 80, 3), 60, np.uint8)
    image[20:45, 5:50] = 160
    return image


def judge(image, segment):
    scorer = ConsistencyScorer()
    scorer.update(image, segment)
    return {name: metric.value for name, metric in scorer.section().metrics.items()}


def bright_mask(image):
    return image[..., 0] > 110


def test_masks_of_what_changes_keep_are_consistent(picture):
    found = judge(picture, bright_mask)
    assert found.pop('empty_pairs') == 0
    assert found.pop('iou_zoomed') > 0.9  # the border moves by part of a pixel
    kept = 'mirrored', 'turned_90', 'turned_180', 'turned_270', 'darker', 'brighter', 'warmer', 'cooler'
    assert found == {f'iou_{name}': 1.0 for name in kept}


def test_pictures_without_an_instrument_are_counted_apart(picture):
    scorer = ConsistencyScorer()
    scorer.update(picture, bright_mask)
    scorer.update(np.zeros_like(picture), bright_mask)
    metrics = scorer.section().metrics
    assert metrics['iou_mirrored'][:3] == (1.0, 1, 'pictures')
    assert metrics['empty_pairs'][:3] == (9.0, 18, 'pairs')
    empty = ConsistencyScorer()
    empty.update(np.zeros_like(picture), bright_mask)
    assert 'no instrument in any of the pictures' in empty.section().skipped


def test_masks_of_a_fixed_place_are_found_out_by_mirror_and_zoom(picture):
    def left_mask(image):
        return np.broadcast_to(np.arange(image.shape[1]) < 20, image.shape[:2])

    found = judge(picture, left_mask)
    assert found['iou_mirrored'] == found['iou_turned_180'] == 0.0 and 0.2 < found['iou_zoomed'] < 0.9
    assert found['iou_turned_90'] == found['iou_turned_270'] == pytest.approx(1 / 6)
    assert found['iou_darker'] == 1.0


def test_masks_by_absolute_brightness_are_found_out_by_gain(picture):
    found = judge(picture, lambda image: image[..., 0] > 130)
    assert found['iou_darker'] == 0.0 and found['iou_brighter'] == 1.0


def test_masks_by_colour_are_found_out_by_a_cast(picture):
    found = judge(picture, lambda image: image[..., 0].astype(int) - image[..., 2] > 10)
    assert found['iou_warmer'] == 0.0 and 'iou_cooler' in found
