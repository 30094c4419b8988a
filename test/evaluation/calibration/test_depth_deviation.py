"""How far a network's depth is from the truth."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.evaluation.calibration.depth_deviation import covering_deviation, fit_depth_deviation
from mt3dnet_ros.perception.scale.depth_scale import NORMAL_95


def fit(ratios):
    return fit_depth_deviation(ratios, [np.zeros(0)] * len(ratios))


@pytest.mark.parametrize('draw', [np.random.Generator.standard_normal, lambda rng, n: rng.standard_t(3, n)])
def test_1_96_deviations_cover_95_percent_of_other_errors(draw):
    deviation = covering_deviation(0.2 * draw(np.random.default_rng(0), 2000))
    others = 0.2 * draw(np.random.default_rng(1), 20000)
    assert np.mean(np.abs(others) < NORMAL_95 * deviation) == pytest.approx(0.95, abs=0.01)


def test_scale_shape_and_tools_of_normal_errors_are_found_apart():
    rng = np.random.default_rng(2)
    ratios = [scale + 0.1 * rng.standard_normal(500) for scale in 0.3 * rng.standard_normal(400)]
    tools = [np.median(ratio) + 0.2 * rng.standard_normal(2) for ratio in ratios]
    found = fit_depth_deviation(ratios, tools)
    assert (found.scale, found.shape) == (pytest.approx(0.3, rel=0.1), pytest.approx(0.1, rel=0.02))
    assert found.tool == pytest.approx(0.2, rel=0.1)


def test_a_bias_is_told_and_covered():
    found = fit([np.full(10, 0.2 + 0.01 * error) for error in np.linspace(-1.0, 1.0, 200)])
    assert found.bias == pytest.approx(0.2)
    assert NORMAL_95 * found.scale == pytest.approx(0.21, abs=0.002)


def test_frames_without_depth_tell_nothing():
    assert fit([np.zeros(0), np.zeros(0)]) is None
    found = fit([np.zeros(0), np.array([0.1, 0.1])])
    assert (found.bias, NORMAL_95 * found.scale) == (pytest.approx(0.1), pytest.approx(0.1))
    assert found.tool is None
