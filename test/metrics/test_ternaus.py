"""TernausNet's scores per image, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.metrics.confusion import count_pairs
from mt3dnet_ros.metrics.ternaus import TernausImageScores


def scores_of(*images):
    scores = TernausImageScores()
    for seen, truth in images:
        scores.update(count_pairs(np.array(seen), np.array(truth), 3))
    return scores


@pytest.mark.parametrize(
    ('seen', 'truth', 'dice', 'iou'),
    [
        ([0, 0, 0], [0, 0, 0], 1.0, 1.0),
        ([0, 1, 0], [0, 0, 0], 0.0, 0.0),
        ([1, 1, 0], [1, 0, 0], 2 / 3, 1 / 2),
        ([1, 2, 2], [1, 0, 0], 1.0, 1.0),
        ([1, 0, 2], [1, 2, 2], (1 + 2 / 3) / 2, (1 + 1 / 2) / 2),
        ([0, 0, 0], [1, 2, 0], 0.0, 0.0),
    ],
    ids=['both empty', 'truth empty', 'too much', 'absent class costs nothing', 'two classes', 'nothing seen'],
)
def test_one_image(seen, truth, dice, iou):
    scores = scores_of((seen, truth))
    assert scores.dice() == pytest.approx(dice) and scores.iou() == pytest.approx(iou)


def test_images_weigh_the_same():
    scores = scores_of(([0, 0, 0], [0, 0, 0]), ([1, 1, 0], [1, 0, 0]))
    assert scores.dice() == pytest.approx((1 + 2 / 3) / 2) and scores.images == 2


def test_without_images_there_is_no_score():
    assert math.isnan(TernausImageScores().dice()) and math.isnan(TernausImageScores().iou())
