"""Robust statistics of a few numbers."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.perception.scale.shaft.statistics import median, robust_line


def test_median_is_numpys_of_an_odd_number_and_the_upper_one_of_an_even():
    values = np.random.default_rng(0).normal(size=31)
    assert median(values) == np.median(values)
    assert median(np.array([4.0, 1.0, 3.0, 2.0])) == 3.0


def test_line_ignores_a_fourth_of_the_points():
    t = np.linspace(-1.0, 1.0, 24)
    s = 0.3 - 0.7 * t
    s[-6:] += np.linspace(1.0, 4.0, 6)
    assert robust_line(t, s) == pytest.approx((0.3, -0.7), abs=0.05)
