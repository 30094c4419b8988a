"""Depth errors by hand, and the protocols' rules."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.metrics.depth_errors import DepthErrors
from mt3dnet_ros.metrics.depth_protocols import DepthPairs, coverage, known_pixels, median_scaled


def errors_of(*images):
    errors = DepthErrors()
    for prediction, target in images:
        errors.update(np.array(prediction, np.float32), np.array(target, np.float32))
    return errors


def test_errors_of_one_image_are_in_millimetres():
    found = errors_of(([0.050, 0.110, 0.026], [0.050, 0.100, 0.020])).per_image()
    assert found == pytest.approx({
        'mae_mm': (0 + 10 + 6) / 3,
        'rmse_mm': math.sqrt((0 + 100 + 36) / 3),
        'abs_rel': (0 + 0.1 + 0.3) / 3,
        'sq_rel_mm': (0 + 100 / 100 + 36 / 20) / 3,
        'rmse_log': math.sqrt((math.log(1.1) ** 2 + math.log(1.3) ** 2) / 3),
        'delta_1': 2 / 3,
        'delta_2': 1.0,
        'delta_3': 1.0,
    }, rel=1e-5)  # fmt: skip


def test_delta_sees_too_near_as_it_sees_too_far():
    near, far = errors_of(([0.05], [0.07])).pooled(), errors_of(([0.07], [0.05])).pooled()
    assert (near['delta_1'], near['delta_2']) == (far['delta_1'], far['delta_2']) == (0.0, 1.0)


def test_images_weigh_the_same_per_image_and_pixels_when_pooled():
    errors = errors_of(([0.053], [0.050]), ([0.051] * 3, [0.050] * 3))
    assert errors.per_image()['mae_mm'] == pytest.approx((3 + 1) / 2, rel=1e-4)
    assert errors.per_image()['rmse_mm'] == pytest.approx((3 + 1) / 2, rel=1e-4)
    assert errors.pooled()['mae_mm'] == pytest.approx((3 + 1 + 1 + 1) / 4, rel=1e-4)
    assert errors.pooled()['rmse_mm'] == pytest.approx(math.sqrt((9 + 1 + 1 + 1) / 4), rel=1e-4)
    assert (errors.images, errors.pixels) == (2, 4)


def test_an_image_without_known_depth_does_not_count():
    errors = errors_of(([], []))
    assert errors.images == 0 and math.isnan(errors.per_image()['mae_mm']) and math.isnan(errors.pooled()['mae_mm'])


def test_zero_and_nan_are_unknown_depth():
    target = np.array([[0.0, np.nan], [0.05, 0.06]], np.float32)
    pairs = known_pixels(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), target)
    assert pairs.prediction.tolist() == [3.0, 4.0] and pairs.target == pytest.approx([0.05, 0.06])
    assert coverage(target) == 0.5


@pytest.mark.parametrize(('prediction', 'problem'), [(np.full((2, 2), np.nan), 'NaN'), (np.ones((1, 2)), 'shapes')])
def test_predictions_that_cannot_be_judged_are_refused(prediction, problem):
    with pytest.raises(ValueError, match=problem):
        known_pixels(prediction, np.ones((2, 2)))


def test_median_scaling_removes_any_scale_of_a_frame():
    target = np.array([0.03, 0.05, 0.08])
    scaled = median_scaled(DepthPairs(7.0 * target, target))
    assert scaled.prediction == pytest.approx(target)


def test_the_scale_comes_from_the_medians_of_pixels_in_range():
    prediction, target = np.array([1.0, 2.0, 4.0, 9.0]), np.array([0.04, 0.06, 0.10, 0.20])  # the last is out of range
    scaled = median_scaled(DepthPairs(prediction, target))
    assert scaled.target.tolist() == [0.04, 0.06, 0.10]
    assert scaled.prediction == pytest.approx(np.array([1.0, 2.0, 4.0]) * 0.06 / 2.0)


def test_scaled_predictions_are_clipped_to_the_range():
    scaled = median_scaled(DepthPairs(np.array([1.0, 1.0, 9.0]), np.array([0.05, 0.05, 0.05])))
    assert scaled.prediction == pytest.approx([0.05, 0.05, 0.15])


def test_a_frame_out_of_range_has_no_pairs():
    assert median_scaled(DepthPairs(np.array([1.0]), np.array([0.3]))).target.size == 0
