"""Depth is in metres, unknown where it is out of reach, and trusted where a second source agrees."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.datasets.depth.alignment import AlignmentRules, FrameRejectedError
from mt3dnet_ros.datasets.depth.metric_depth import (
    UNJUDGED,
    from_metric_teacher,
    from_stereo,
    scaled_by_stereo,
    scaled_to_limits,
)
from mt3dnet_ros.datasets.depth.stereo_depth import StereoDepth

REACH = (0.03, 0.15)
RULES = AlignmentRules()


@pytest.fixture
def depth():
    return np.linspace(0.04, 0.12, 60 * 80, dtype=np.float32).reshape(60, 80)


def pair(depth, agreement=1.0):
    """Return what a stereo pair says that knows a depth map, NaN where it does not."""
    known = np.isfinite(depth)
    return StereoDepth(1.0 / depth, np.where(known, np.float32(agreement), np.float32(0.0)), None)


def test_teacher_in_the_scale_of_the_pair_is_the_depth(depth):
    result = scaled_by_stereo((1.0 / depth - 3.0) / 2.0, pair(depth), REACH, RULES)
    np.testing.assert_allclose(result.depth, depth, rtol=1e-4)
    assert result.depth.dtype == np.float32 and result.confidence.dtype == np.uint8
    assert result.facts['scale'] == pytest.approx(2.0, rel=1e-3)
    assert result.facts['shift'] == pytest.approx(3.0, rel=1e-3)


def test_confidence_is_high_where_the_pair_agrees_and_low_where_it_does_not(depth):
    seen = depth.copy()
    seen[:10] *= 1.2
    seen[10:20] = np.nan
    confidence = scaled_by_stereo(1.0 / depth, pair(seen), REACH, RULES).confidence
    assert (confidence[20:] >= 254).all()
    assert (confidence[10:20] == UNJUDGED).all()
    assert (confidence[:10] < 40).all() and (confidence[:10] > 0).all()


def test_depth_out_of_reach_is_unknown(depth):
    result = scaled_by_stereo(1.0 / depth, pair(depth), (0.05, 0.1), RULES)
    outside = (depth < 0.05) | (depth > 0.1)
    assert 0 < outside.sum() < outside.size
    np.testing.assert_array_equal(result.depth == 0.0, outside)
    np.testing.assert_array_equal(result.confidence == 0, outside)


def test_teacher_beyond_infinity_is_unknown(depth):
    inverse = 1.0 / depth
    inverse[0, 0] = -100.0
    assert scaled_by_stereo(inverse, pair(depth), REACH, RULES).depth[0, 0] == 0.0


def test_a_stereo_pair_without_a_teacher_keeps_its_depth(depth):
    depth[:, :30] = np.nan
    result = from_stereo(pair(depth, agreement=0.5), RULES)
    assert (result.depth[:, :30] == 0.0).all() and (result.confidence[:, :30] == 0).all()
    np.testing.assert_allclose(result.depth[:, 30:], depth[:, 30:], rtol=1e-6)
    assert (result.confidence[:, 30:] == 128).all()


def test_pair_that_knows_too_little_is_rejected(depth):
    depth[2:] = np.nan
    with pytest.raises(FrameRejectedError, match=r'known for 3\.3% of the pixels, less than 10\.0%'):
        from_stereo(pair(depth), RULES)


def test_limits_hold_the_extremes():
    teacher = np.linspace(-3.0, 5.0, 10_000, dtype=np.float32).reshape(100, 100)
    result = scaled_to_limits(teacher, (0.03, 0.15))
    assert result.depth.min() == pytest.approx(0.03) and result.depth.max() == pytest.approx(0.15)
    assert (np.diff(result.depth.ravel()) <= 0.0).all()  # larger inverse depth is nearer
    middle = 0.5 * (1.0 / 0.03 + 1.0 / 0.15)
    assert 1.0 / result.depth[50, 0] == pytest.approx(middle, rel=0.01)
    assert (result.confidence == UNJUDGED).all()


def test_few_extreme_pixels_do_not_set_the_limits():
    teacher = np.linspace(0.0, 1.0, 10_000, dtype=np.float32).reshape(100, 100)
    glaring = teacher.copy()
    glaring[0, :50] = 1000.0
    usual = scaled_to_limits(teacher, REACH).depth
    np.testing.assert_allclose(scaled_to_limits(glaring, REACH).depth[1:], usual[1:], rtol=0.03)


def test_flat_teacher_has_no_limits():
    with pytest.raises(FrameRejectedError, match='flat scene'):
        scaled_to_limits(np.ones((4, 5), np.float32), REACH)


def test_metric_teacher_is_taken_as_it_is_within_reach(depth):
    depth[0] = 20.0
    result = from_metric_teacher(1.0 / depth, REACH)
    assert (result.depth[0] == 0.0).all() and (result.confidence[0] == 0).all()
    np.testing.assert_allclose(result.depth[1:], depth[1:], rtol=1e-6)


def test_metric_teacher_out_of_reach_is_rejected(depth):
    with pytest.raises(FrameRejectedError, match=r'no pixel lies between 0\.03 m and 0\.15 m'):
        from_metric_teacher(0.001 / depth, REACH)
