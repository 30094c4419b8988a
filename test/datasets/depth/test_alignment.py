"""Scale and shift are found among outliers, and a frame that does not fit is rejected with the reason."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.datasets.depth.alignment import AlignmentRules, FrameRejectedError, align

SCALE, SHIFT = 2.5, 6.0
RULES = AlignmentRules()


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.fixture
def teacher(rng):
    return rng.uniform(1.0, 9.0, (120, 160)).astype(np.float32)


@pytest.fixture
def inverse(teacher):
    return SCALE * teacher + SHIFT


def test_scale_and_shift_are_recovered_among_outliers(rng, teacher, inverse):
    inverse += rng.normal(0.0, 0.1, inverse.shape)
    outliers = rng.random(inverse.shape) < 0.3
    inverse[outliers] = rng.uniform(5.0, 40.0, outliers.sum())
    inverse[:20] = np.nan
    fit = align(teacher, inverse, RULES)
    assert fit.scale == pytest.approx(SCALE, rel=0.01) and fit.shift == pytest.approx(SHIFT, rel=0.02)
    assert fit.inliers == pytest.approx(0.73, abs=0.03)  # 70 %, and the outliers that happen to fit
    assert fit.share == pytest.approx(100 / 120)
    assert 0.003 < fit.residual < 0.02
    np.testing.assert_allclose(fit.inverse_depth(teacher), SCALE * teacher + SHIFT, rtol=0.01)


def test_one_sided_outliers_do_not_pull_the_fit(rng, teacher, inverse):
    specular = rng.random(inverse.shape) < 0.3
    inverse[specular] *= 1.5
    fit = align(teacher, inverse, RULES)
    assert fit.scale == pytest.approx(SCALE, rel=1e-3) and fit.shift == pytest.approx(SHIFT, rel=1e-3)


def test_same_frame_gives_the_same_fit(teacher, inverse):
    assert align(teacher, inverse, RULES) == align(teacher, inverse, RULES)


def test_teacher_that_sees_near_as_far_is_rejected(teacher, inverse):
    with pytest.raises(FrameRejectedError, match=r'scale that fits best, -2\.5, is not above 0'):
        align(-teacher, inverse, RULES)


def test_frame_with_too_few_known_pixels_is_rejected(teacher, inverse):
    inverse[3:] = np.nan
    with pytest.raises(FrameRejectedError, match=r'known for 2\.5% of the pixels, less than 10\.0%'):
        align(teacher, inverse, RULES)


@pytest.mark.parametrize('rule', ['tolerance', 'least_share', 'least_inliers'])
@pytest.mark.parametrize('value', [0.0, 1.5, float('nan')])
def test_impossible_rule_is_refused(rule, value):
    with pytest.raises(ValueError, match=f'{rule} {value} must be above 0 and at most 1'):
        AlignmentRules(**{rule: value})


def test_teacher_unlike_the_stereo_pair_is_rejected(rng, teacher):
    with pytest.raises(FrameRejectedError, match=r'of the known pixels are within 5\.0%, less than 50\.0%'):
        align(teacher, rng.uniform(5.0, 40.0, teacher.shape), RULES)


def test_flat_scene_is_rejected_because_any_scale_fits(rng, teacher):
    with pytest.raises(FrameRejectedError, match=r'depth varies by 0\.\d%, less than 5\.0%: any scale would fit'):
        align(teacher, 20.0 + rng.normal(0.0, 0.1, teacher.shape), RULES)


def test_flat_teacher_is_rejected(teacher, inverse):
    with pytest.raises(FrameRejectedError, match='flat scene'):
        align(np.ones_like(teacher), inverse, RULES)
