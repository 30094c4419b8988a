"""Risk and coverage, on cases counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.metrics.risk_coverage import risk_coverage


def curve(*answers):
    """Return the curve of (confidence, whether right)."""
    return risk_coverage(np.array([c for c, _ in answers], float), np.array([r for _, r in answers], bool))


def test_risk_and_coverage_follow_the_threshold():
    found = curve((0.5, False), (0.9, True), (0.2, True), (0.7, False))
    assert found.threshold == pytest.approx([0.9, 0.7, 0.5, 0.2])
    assert found.coverage == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert found.risk == pytest.approx([0.0, 1 / 2, 2 / 3, 1 / 2])
    assert found.area() == pytest.approx((0 + 1 / 2 + 2 / 3 + 1 / 2) / 4)


def test_equal_confidences_are_added_together():
    found = curve((0.9, True), (0.5, True), (0.5, False))
    assert found.coverage == pytest.approx([1 / 3, 1.0])
    assert found.risk == pytest.approx([0.0, 1 / 3])
    assert found.area() == pytest.approx(2 / 3 * 1 / 3)
    assert found.area() == curve((0.5, False), (0.9, True), (0.5, True)).area(), 'their order does not matter'


def test_a_threshold_gives_the_answers_that_reach_it():
    found = curve((0.9, True), (0.5, False))
    assert found.at(0.5) == (1.0, 0.5)
    assert found.at(0.51) == (0.5, 0.0)
    assert found.at(0.0) == (1.0, 0.5)
    coverage, risk = found.at(0.95)
    assert coverage == 0.0 and np.isnan(risk)


def test_right_answers_first_have_the_least_area():
    right = np.array([True] * 6 + [False] * 4)
    best, worst = (risk_coverage(np.linspace(1, 0, 10), order).area() for order in (right, right[::-1]))
    assert best == pytest.approx(np.mean([max(0, n - 6) / n for n in range(1, 11)]))
    assert best < risk_coverage(np.full(10, 0.5), right).area() < worst


def test_no_answers_have_no_area():
    assert np.isnan(curve().area())


def test_confidences_without_answers_are_refused():
    with pytest.raises(InputError, match='2 confidences do not belong to 1 answers'):
        risk_coverage(np.ones(2), np.ones(1, bool))
