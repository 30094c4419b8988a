"""Outlines agree where they pass close to each other."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.metrics.boundary import boundary_f, boundary_iou, outline


def block(left, right, size=(40, 60)):
    """Return a mask of whole columns from the top to the middle."""
    mask = np.zeros(size, bool)
    mask[: size[0] // 2, left:right] = True
    return mask


NOTHING = np.zeros((40, 60), bool)


def test_an_outline_is_of_the_mask_and_not_at_the_image_border():
    lines = outline(block(10, 20))
    assert lines[0].nonzero()[0].tolist() == [10, 19]
    assert lines[19, 10:20].all() and lines.sum() == 2 * 20 + 8


@pytest.mark.parametrize('metric', [boundary_f, boundary_iou])
def test_a_mask_agrees_with_itself_and_empty_ones_with_each_other(metric):
    assert metric(block(10, 30), block(10, 30), 2) == 1.0
    assert metric(NOTHING, NOTHING, 2) == 1.0


@pytest.mark.parametrize('metric', [boundary_f, boundary_iou])
def test_one_empty_mask_does_not_agree(metric):
    assert metric(NOTHING, block(10, 30), 2) == 0.0
    assert metric(block(10, 30), NOTHING, 2) == 0.0


def test_f_counts_what_lies_within_the_tolerance():
    assert boundary_f(block(12, 30), block(10, 30), 2.0) == 1.0
    # Of 56 and 58 pixels of the outlines, the 19 of the left side above its corner are not met.
    moved = boundary_f(block(14, 30), block(10, 30), 1.0)
    assert 0.6 < moved < 0.8


def test_iou_looks_at_a_strip_along_the_outline():
    inner = NOTHING.copy()
    inner[5:15, 15:25] = True
    hollow = block(10, 30) & ~inner
    assert boundary_iou(block(10, 30), hollow, 3) < 1.0
    assert boundary_iou(block(12, 30), block(10, 30), 4) == pytest.approx(0.63, abs=0.08)
