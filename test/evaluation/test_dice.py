"""Dice on masks small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.evaluation.dice import binary_dice


@pytest.mark.parametrize(
    ('prediction', 'truth', 'expected'),
    [
        ([1, 1, 0, 0], [1, 0, 0, 0], 2 / 3),
        ([0, 0, 1, 0], [1, 0, 0, 0], 0.0),
        ([3, 2, 0, 0], [1, 1, 0, 0], 1.0),
        ([0, 0, 0, 0], [0, 0, 0, 0], 1.0),
        ([1, 1, 1, 1], [0, 0, 0, 0], 0.0),
    ],
)
def test_dice_counts_the_overlap(prediction, truth, expected):
    assert binary_dice(np.array(prediction), np.array(truth)) == pytest.approx(expected)


def test_masks_of_different_shape_are_refused():
    with pytest.raises(ValueError, match='resize'):
        binary_dice(np.zeros((4, 4)), np.zeros((2, 2)))
