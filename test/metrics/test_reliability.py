"""Confidence against accuracy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.metrics.reliability import Reliability


def test_calibration_error_by_hand():
    reliability = Reliability()
    reliability.update(np.full(10, 204, np.uint8), np.arange(10) < 6)  # confidence 0.8, accuracy 0.6
    reliability.update(np.full(30, 51, np.uint8), np.arange(30) < 9)  # confidence 0.2, accuracy 0.3
    assert reliability.expected_calibration_error() == pytest.approx((10 * 0.2 + 30 * 0.1) / 40)
    assert reliability.pixels == 40


def test_bins_are_of_equal_width_and_closed_above():
    rng = np.random.default_rng(0)
    confidence, right = rng.integers(0, 256, 2000, np.uint8), rng.random(2000) < 0.7
    reliability = Reliability()
    reliability.update(confidence, right)
    bins = reliability.bins(15)
    for index in range(15):
        above = confidence / 255 > index / 15 + 1e-12 if index else confidence >= 0
        member = above & (confidence / 255 <= (index + 1) / 15 + 1e-12)
        assert bins.pixels[index] == member.sum()
        assert bins.accuracy[index] == pytest.approx(right[member].mean())
        assert bins.confidence[index] == pytest.approx(confidence[member].mean() / 255)


def test_certain_and_right_is_calibrated():
    reliability = Reliability()
    reliability.update(np.full((4, 4), 255, np.uint8), np.ones((4, 4), bool))
    assert reliability.expected_calibration_error() == 0.0


def test_without_pixels_there_is_no_error():
    assert math.isnan(Reliability().expected_calibration_error())
