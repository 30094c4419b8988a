"""What is known of a scale, and of depths that have it."""

from __future__ import annotations

import math

import pytest

from mt3dnet_ros.perception.scale.depth_scale import GUESS, DepthScale, SupportingSource


def test_a_scale_without_a_source_is_a_guess():
    assert GUESS.is_guess
    assert not DepthScale(1.1, 0.05, (SupportingSource('fixed', 1.1, 0.05, 0.0),)).is_guess


def test_a_single_depth_errs_by_the_factor_and_by_the_shape():
    assert DepthScale(1.0, 0.03, shape_deviation=0.04).depth_deviation == pytest.approx(0.05)
    assert DepthScale(1.0, 0.03).depth_deviation == pytest.approx(0.03)
    assert math.isnan(GUESS.depth_deviation)


def test_the_ends_of_the_interval_hold_19_of_20_depths():
    scale = DepthScale(1.0, 0.03, shape_deviation=0.04)
    near, far = scale.near_end(0.1), scale.far_end(0.1)
    assert near < 0.1 < far
    assert near * far == pytest.approx(0.01)
    assert math.log(far / near) == pytest.approx(2.0 * 1.96 * 0.05)
    assert math.isnan(GUESS.near_end(0.1))
