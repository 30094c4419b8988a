"""Scores of a validation, on maps whose scores are known."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
import torch

from mt3dnet_ros.training.monitoring.scores import SaliencyScore, ViewScore

LEFT, RIGHT = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8)
LEFT[..., :4], RIGHT[..., 4:] = 1.0, 1.0


def sim(pairs):
    """Return the score of pairs of a predicted and a wanted map."""
    score = SaliencyScore()
    for found, wanted in pairs:
        score.add(SimpleNamespace(saliency=torch.logit(found, eps=1e-6)), SimpleNamespace(saliency=wanted))
    return score.results()['saliency_sim']


@pytest.mark.parametrize(
    ('found', 'wanted', 'expected'),
    [(LEFT, LEFT, 1.0), (LEFT, RIGHT, 0.0), (0.5 * LEFT, LEFT, 1.0), (torch.full_like(LEFT, 0.3), LEFT, 0.5)],
    ids=['equal', 'apart', 'fainter', 'everywhere'],
)
def test_likeness_of_saliency_maps_is_the_mass_that_they_share(found, wanted, expected):
    assert sim([(found, wanted)]) == pytest.approx(expected, abs=1e-4)


def test_frames_in_which_nothing_is_salient_do_not_count():
    assert sim([(LEFT, torch.zeros_like(LEFT)), (LEFT, LEFT)]) == pytest.approx(1.0, abs=1e-4)
    assert math.isnan(sim([(LEFT, torch.zeros_like(LEFT))]))


def test_all_frames_of_all_batches_count_alike():
    three = torch.cat([LEFT, LEFT, LEFT]), torch.cat([LEFT, RIGHT, RIGHT])
    assert sim([three, (LEFT, LEFT)]) == pytest.approx(0.5, abs=1e-4)


def test_views_and_pictures_of_nothing_are_scored_apart():
    score = ViewScore()
    logits = torch.tensor([2.0, -1.0, 3.0, -4.0, -5.0])[:, None, None, None]
    score.add(SimpleNamespace(view=logits), SimpleNamespace(known=torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0])))
    score.add(SimpleNamespace(view=logits[:1]), SimpleNamespace(known=torch.ones(1)))
    assert score.results() == {'views_told': pytest.approx(2 / 3), 'nothing_told': pytest.approx(2 / 3)}


def test_without_pictures_of_nothing_there_is_no_share_of_them():
    score = ViewScore()
    score.add(SimpleNamespace(view=torch.ones(2, 1, 1, 1)), SimpleNamespace(known=torch.ones(2)))
    assert score.results()['views_told'] == 1.0 and math.isnan(score.results()['nothing_told'])
