"""Consistency: whether the mask of a picture stays when the picture is seen in another way."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.evaluation.scorers.consistency import ZOOM, ConsistencyScorer, views


@pytest.fixture
def picture():
    image = np.full((60, 80, 3), 60, np.uint8)
    image[20:45, 5:50] = 160
    return image


def judge(image, see):
    scorer = ConsistencyScorer()
    scorer.update(image, see)
    return {name: metric.value for name, metric in scorer.section().metrics.items()}


def see_bright(image):
    return image[..., 0] > 110


def test_one_who_sees_by_what_views_keep_is_consistent(picture):
    found = judge(picture, see_bright)
    assert set(found) == {'iou_mirrored', 'iou_zoomed', 'iou_darker', 'iou_brighter'}
    assert found['iou_mirrored'] == found['iou_darker'] == found['iou_brighter'] == 1.0
    assert found['iou_zoomed'] > 0.9  # the border moves by part of a pixel


def test_one_who_sees_by_place_is_found_out_by_mirror_and_zoom(picture):
    def see_left(image):
        return np.broadcast_to(np.arange(80) < 20, (60, 80))

    found = judge(picture, see_left)
    assert found['iou_mirrored'] == 0.0 and 0.2 < found['iou_zoomed'] < 0.9
    assert found['iou_darker'] == 1.0


def test_one_who_sees_by_absolute_brightness_is_found_out_by_gain(picture):
    found = judge(picture, lambda image: image[..., 0] > 130)
    assert found['iou_darker'] == 0.0 and found['iou_brighter'] == 1.0


@pytest.mark.parametrize(('name', 'seen'), [('mirrored', 1.0), ('zoomed', 1 / ZOOM**2), ('darker', 1.0)])
def test_a_view_is_brought_back_to_where_it_was(name, seen, picture):
    view = views()[name]
    back, mask = view.restore(see_bright(view.change(picture)).astype(np.uint8)), see_bright(picture)
    assert (view.change(picture) != picture).any()
    assert (back == mask)[back != 255].mean() > 0.98
    assert (back != 255).mean() == pytest.approx(seen, abs=0.02), 'the rest is outside of the view'
