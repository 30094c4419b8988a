"""The second eye corrects the shape of the network's depth: where it has matches, and not across borders."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.perception.scale.second_eye.shape import correct_shape

SHAPE = (60, 80)
NOTHING = np.zeros(SHAPE, np.uint8)


def test_matches_are_followed_and_gaps_between_them_closed():
    wave = 0.2 * np.sin(np.linspace(0.0, 6.0, SHAPE[1])) * np.ones(SHAPE)
    residuals = wave.copy()
    residuals[20:24, 30:34] = np.nan
    found = correct_shape(residuals, NOTHING)
    assert found.field.dtype == np.float32
    assert np.abs(found.field - wave)[:, 3:-3].max() < 0.02
    assert found.deviation == pytest.approx(0.03, abs=0.002)


def test_correction_fades_to_nothing_far_from_all_matches():
    residuals = np.full(SHAPE, np.nan)
    residuals[:, :20] = 0.2
    found = correct_shape(residuals, NOTHING)
    assert np.all(np.diff(found.field[30, 20:]) <= 1e-6)
    assert found.field[30, 10] == pytest.approx(0.2, abs=0.01) and abs(found.field[30, 60]) < 0.005
    assert 0.1 < found.deviation < 0.2  # three quarters of the picture are as wrong as the network


def test_border_between_instrument_and_tissue_stays_sharp():
    instances = NOTHING.copy()
    instances[:, 40:60] = 1
    residuals = np.where(instances, -0.2, 0.1)
    field = correct_shape(residuals, instances).field
    np.testing.assert_allclose(field, residuals, atol=0.02)


def test_instrument_without_a_match_is_left_alone():
    instances = NOTHING.copy()
    instances[:, 40:60] = 1
    residuals = np.where(instances, np.nan, 0.1)
    assert not correct_shape(residuals, instances).field[instances > 0].any()


def test_false_match_is_left_out():
    residuals = np.zeros(SHAPE)
    residuals[30, 40] = 1.5
    assert not correct_shape(residuals, NOTHING).field.any()
