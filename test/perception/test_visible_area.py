"""Black borders of a picture show nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.drawing import CONFIG, NETWORK, Drawing
from support.small_network import save_small_checkpoint

from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.loading import load
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings
from mt3dnet_ros.perception.visible_area import find_visible_area


def picture(*, top=0, bottom=0, left=0, right=0, size=(100, 200)):
    """Return noise above black, with borders of black noise."""
    height, width = size
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 20, (height, width, 3), np.uint8)
    inside = rgb[top : height - bottom, left : width - right]
    inside += rng.integers(30, 200, inside.shape, np.uint8)
    return rgb


@pytest.mark.parametrize(
    'borders', [{}, {'left': 7}, {'top': 3, 'bottom': 5}, {'top': 9, 'bottom': 1, 'left': 19, 'right': 2}]
)
def test_visible_area_lies_between_the_borders(borders):
    rows, columns = find_visible_area(picture(**borders))
    assert (rows.start, 100 - rows.stop) == (borders.get('top', 0), borders.get('bottom', 0))
    assert (columns.start, 200 - columns.stop) == (borders.get('left', 0), borders.get('right', 0))


def test_one_bright_pixel_ends_a_border():
    rgb = picture(bottom=5)
    rgb[98, 120, 1] = 60
    assert find_visible_area(rgb)[0] == slice(0, 99)


@pytest.mark.parametrize('rgb', [np.zeros((100, 200, 3), np.uint8), picture(left=30), np.zeros((1, 4, 3), np.uint8)])
def test_darkness_is_not_a_border(rgb):
    assert find_visible_area(rgb) == (slice(0, rgb.shape[0]), slice(0, rgb.shape[1]))


def test_outside_of_the_visible_area_there_is_no_instrument_and_no_depth():
    drawing = Drawing().tool((10, 8, 30, 64), 4, depth=0.1).tool((50, 62, 60, 64), 2, depth=0.1)
    visible = slice(0, 240), slice(0, 320)  # the second tool lies below
    seen = Interpretation(drawing.prediction, Letterbox(NETWORK, NETWORK), None, CONFIG, Settings(), visible)
    assert set(np.unique(seen.labels)) == {0, 4} and not seen.labels[240:].any()
    assert [found.class_id for found in seen.detections] == [4]
    box = seen.detections[0].box
    assert box.y + box.height == 240
    assert np.isfinite(seen.depth[:240]).all() and np.isnan(seen.depth[240:]).all()


def test_the_visible_area_is_that_of_each_frame(tmp_path):
    torch.manual_seed(1)
    perceiver = load(save_small_checkpoint(tmp_path / 'small.safetensors'), 'cpu')
    for left in (8, 0):
        depth = perceiver(Frame(picture(left=left)), None, frozenset({'depth'})).depth
        assert np.isnan(depth[:, :left]).all() and np.isfinite(depth[:, left:]).all()
