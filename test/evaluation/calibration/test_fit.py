"""Calibration finds again what confidence was spoilt by."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.evaluation.calibration.fit import (
    CalibrationError,
    fit_presence,
    fit_score_line,
    fit_types,
    fit_view_line,
)

CELLS = 40000


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize('spoilt', [0.5, 1.0, 3.0])
def test_the_temperature_of_presence_is_found(rng, spoilt):
    evidence = rng.normal(0.0, 2.0, CELLS)
    instrument = rng.random(CELLS) < 1.0 / (1.0 + np.exp(-evidence))
    assert fit_presence(spoilt * evidence, instrument) == pytest.approx(spoilt, rel=0.05)


@pytest.mark.parametrize('spoilt', [0.5, 1.0, 3.0])
def test_the_temperature_of_types_is_found(rng, spoilt):
    logits = rng.normal(0.0, 2.0, (5, CELLS))
    chosen = (logits + rng.gumbel(size=logits.shape)).argmax(axis=0)  # draws from the softmax
    assert fit_types(spoilt * logits, chosen) == pytest.approx(spoilt, rel=0.05)


def test_the_line_of_scores_is_found(rng):
    logits = rng.normal(0.0, 1.5, CELLS)
    right = rng.random(CELLS) < 1.0 / (1.0 + np.exp(-(2.0 * logits - 1.0)))
    scale, offset = fit_score_line(1.0 / (1.0 + np.exp(-logits)), right)
    assert (scale, offset) == (pytest.approx(2.0, rel=0.05), pytest.approx(-1.0, abs=0.05))


def test_scores_that_mislead_are_made_flat_and_never_turned_round(rng):
    scores = rng.random(CELLS)
    scale, _ = fit_score_line(scores, rng.random(CELLS) > scores)
    assert 0.0 < scale < 0.05


@pytest.mark.parametrize(
    ('fit', 'reason'),
    [
        (lambda: fit_presence(np.ones(5), np.zeros(5, bool)), 'cells with instruments and cells without'),
        (lambda: fit_types(np.zeros((3, 0)), np.zeros(0, int)), 'types that the network knows'),
        (lambda: fit_score_line(np.ones(3), np.ones(3, bool)), 'needs 20 detections, these frames have 3'),
    ],
)
def test_too_little_to_calibrate_on_is_said(fit, reason):
    with pytest.raises(CalibrationError, match=reason):
        fit()


@pytest.mark.parametrize('share', [0.1, 0.5])
def test_the_line_of_known_views_is_found_however_many_there_are_of_either_kind(rng, share):
    count = round(share * CELLS)
    views, nothing = (rng.normal(sign * 1.0, np.sqrt(2.0), n) for sign, n in ((1, count), (-1, CELLS - count)))
    # Of two normal distributions of variance 2 at 1 and -1 the logit is x, where both are as frequent.
    scale, offset = fit_view_line((views - 0.6) / 3.0, (nothing - 0.6) / 3.0)
    assert (scale, offset) == (pytest.approx(3.0, rel=0.05), pytest.approx(0.6, abs=0.05))


def test_views_that_are_told_without_a_miss_get_a_line_of_finite_steepness(rng):
    scale, offset = fit_view_line(rng.normal(8.0, 1.0, 100), rng.normal(-8.0, 1.0, 100))
    known, unknown = (1.0 / (1.0 + np.exp(-(scale * logit + offset))) for logit in (8.0, -8.0))
    assert (known, unknown) == (pytest.approx(0.99, abs=0.01), pytest.approx(0.01, abs=0.01))


def test_too_few_pictures_of_either_kind_are_refused():
    with pytest.raises(CalibrationError, match='got 9 and 2; take more'):
        fit_view_line(np.ones(9), np.zeros(2))
