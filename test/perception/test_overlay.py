"""The picture for people."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.perception.overlay import draw_overlay
from mt3dnet_ros.perception.scene import Box, Detection
from mt3dnet_ros.perception.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy('endovis2018')
GREY = 100


def overlay_of(size: tuple[int, int], opacity: float, box: Box | None = None) -> np.ndarray:
    rgb, labels = np.full((*size, 3), GREY, np.uint8), np.zeros(size, np.uint8)
    labels[size[0] // 4 : size[0] // 2, size[1] // 4 : size[1] // 2] = 4
    box = box or Box(size[1] // 4, size[0] // 4, size[1] // 4, size[0] // 4)
    detections = [Detection(4, 'monopolar curved scissors', 0.87, 1, box)]
    return draw_overlay(rgb, labels, (labels > 0).astype(np.uint8), detections, TAXONOMY, opacity)


@pytest.mark.parametrize('size', [(512, 640), (1024, 1280)])
@pytest.mark.parametrize('opacity', [0.0, 0.4, 1.0])
def test_mask_is_blended_by_its_opacity(size, opacity):
    overlay = overlay_of(size, opacity)
    expected = (1 - opacity) * GREY + opacity * np.array(TAXONOMY.by_id(4).color)
    inside = overlay[round(0.4 * size[0]), round(0.4 * size[1])]
    assert np.abs(inside - expected).max() <= 1


def test_background_keeps_its_colour():
    assert (overlay_of((512, 640), 0.5)[400:, 400:] == GREY).all()


def test_border_of_the_mask_is_opaque():
    overlay = overlay_of((512, 640), 0.0, box=Box(500, 400, 20, 20))
    assert np.abs(overlay[200, 160].astype(int) - TAXONOMY.by_id(4).color).max() < 20  # the line is anti-aliased
    assert (overlay[200, 170] == GREY).all()


def test_box_is_drawn_on_its_outermost_pixels():
    overlay = overlay_of((512, 640), 0.0, box=Box(500, 400, 100, 60))
    color = TAXONOMY.by_id(4).color
    for row, column in ((400, 599), (459, 500), (459, 599)):
        assert np.array_equal(overlay[row, column], color)
    assert (overlay[460:, 500:] == GREY).all()


@pytest.mark.parametrize('size', [(512, 640), (1024, 1280)])
@pytest.mark.parametrize('place', ['top left', 'right', 'middle'])
def test_name_is_written_inside_of_the_image(size, place):
    x, y = {'top left': (0, 0), 'right': (size[1] - 20, 200), 'middle': (200, 200)}[place]
    plain = overlay_of(size, 0.0, box=Box(x, y, 20, 20))
    bar = (plain == TAXONOMY.by_id(4).color).all(axis=-1)
    rows = np.flatnonzero(bar.sum(axis=1) > 0.15 * size[1])
    assert rows.size >= size[0] // 60  # a readable height, in the class's colour
    assert (plain[rows] > 200).all(axis=-1).any()  # with letters on it


def test_name_grows_with_the_image():
    widths = []
    for size in ((512, 640), (1024, 1280)):
        bar = (overlay_of(size, 0.0, box=Box(10, 100, 20, 20)) == TAXONOMY.by_id(4).color).all(axis=-1)
        widths.append(bar.any(axis=0).sum())
    assert widths[1] > 1.6 * widths[0]


def test_input_is_left_as_it_was():
    rgb = np.full((64, 64, 3), GREY, np.uint8)
    draw_overlay(rgb, np.ones((64, 64), np.uint8), np.ones((64, 64), np.uint8), [], TAXONOMY, 1.0)
    assert (rgb == GREY).all()


def test_nothing_seen_gives_the_image_back():
    rgb = np.random.default_rng(0).integers(0, 255, (50, 60, 3), np.uint8)
    nothing = np.zeros((50, 60), np.uint8)
    overlay = draw_overlay(rgb[:, ::-1], nothing, nothing, [], TAXONOMY, 0.5)
    assert np.array_equal(overlay, rgb[:, ::-1])
    assert overlay.flags.c_contiguous
