"""When there is something here that the network can speak of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.small_network import tissue

from mt3dnet_ros.perception.known_view.blank import sample
from mt3dnet_ros.perception.known_view.verdict import BLANK, ViewVerdict, judge_view, view_probability

PICTURE, BLACK = tissue(96, 128), np.zeros((96, 128, 3), np.uint8)


def logit(probability: float) -> np.ndarray:
    return np.full((1, 1, 1, 1), math.log(probability / (1.0 - probability)))


def judge(rgb: np.ndarray, probability: float | None, threshold: float = 0.5) -> ViewVerdict:
    return judge_view(sample(rgb), None if probability is None else logit(probability), (1.0, 0.0), threshold)


def test_a_network_without_a_view_head_is_believed_unless_the_picture_is_blank():
    assert judge(PICTURE, None) == ViewVerdict(None, '')
    assert judge(BLACK, None) == ViewVerdict(None, BLANK)


def test_a_blank_picture_is_no_view_whatever_the_network_says():
    assert judge(BLACK, 0.99, threshold=0.0) == ViewVerdict(0.0, BLANK)


@pytest.mark.parametrize(('probability', 'threshold', 'known'), [(0.6, 0.5, True), (0.4, 0.5, False), (0.4, 0.3, True)])
def test_a_view_is_known_from_the_threshold_on(probability, threshold, known):
    verdict = judge(PICTURE, probability, threshold)
    assert verdict.probability == pytest.approx(probability)
    assert (verdict.nothing == '') is known


def test_the_words_say_how_likely_a_known_view_is():
    assert judge(PICTURE, 0.034).nothing == 'no view that the network knows (probability 0.03)'


def test_the_line_corrects_the_logit():
    assert view_probability(np.full((2, 1, 1, 1), 3.0), (0.5, -1.0)) == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert judge_view(sample(PICTURE), logit(0.6), (1.0, -2.0), 0.5).nothing


@pytest.mark.parametrize('logits', [-1e4, 1e4])
def test_sure_networks_have_a_probability(logits):
    assert view_probability(np.full((1, 1, 1, 1), logits), (1.0, 0.0)) == float(logits > 0)
