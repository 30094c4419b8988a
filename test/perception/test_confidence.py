"""Probabilities and scores that can be believed."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.perception.confidence import corrected_score, type_probabilities

LOGITS = np.random.default_rng(0).normal(0.0, 4.0, (6, 20, 30)).astype(np.float32)


def softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=0))
    return exponentials / exponentials.sum(axis=0)


def test_temperatures_of_one_give_the_softmax():
    assert np.allclose(type_probabilities(LOGITS), softmax(LOGITS), atol=1e-6)


@pytest.mark.parametrize('temperatures', [(1.0, 1.0), (0.5, 3.0), (2.0, 0.3)])
def test_probabilities_sum_to_one(temperatures):
    probabilities = type_probabilities(LOGITS, *temperatures)
    assert probabilities.dtype == np.float32 and probabilities.min() >= 0.0
    assert np.allclose(probabilities.sum(axis=0), 1.0, atol=1e-5)


def test_masks_and_the_best_type_stay_at_any_temperature():
    plain, changed = type_probabilities(LOGITS), type_probabilities(LOGITS, 2.5, 4.0)
    assert np.array_equal(plain[0] < 0.5, changed[0] < 0.5)
    assert np.array_equal(plain[1:].argmax(axis=0), changed[1:].argmax(axis=0))


def test_each_temperature_moves_its_own_question_alone():
    plain = type_probabilities(LOGITS)
    other_presence, other_types = type_probabilities(LOGITS, 2.0, 1.0), type_probabilities(LOGITS, 1.0, 2.0)
    assert np.allclose(other_types[0], plain[0], atol=1e-6)
    shares = plain[1:] / plain[1:].sum(axis=0)
    assert np.allclose(other_presence[1:] / other_presence[1:].sum(axis=0), shares, atol=1e-4)
    assert (other_types[1:] / other_types[1:].sum(axis=0)).max() < shares.max()


def test_huge_logits_do_not_overflow():
    logits = np.array([[500.0, -500.0], [-500.0, 500.0], [0.0, 0.0]], np.float32)
    with np.errstate(over='raise', invalid='raise'):
        assert np.allclose(type_probabilities(logits, 0.5, 0.5), [[1, 0], [0, 1], [0, 0]], atol=1e-6)


def test_a_neutral_line_leaves_scores_as_they_are():
    assert [corrected_score(score, 1.0, 0.0) for score in (0.0, 0.3, 1.0)] == pytest.approx([0.0, 0.3, 1.0], abs=2e-6)


def test_a_line_keeps_the_order_of_scores():
    corrected = [corrected_score(score, 4.0, -2.0) for score in np.linspace(0.05, 0.95, 19)]
    assert corrected == sorted(corrected) and corrected[9] == pytest.approx(1 / (1 + np.exp(2.0)))
