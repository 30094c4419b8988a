"""Pairs that fit best all together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from mt3dnet_ros.perception.tracks.assignment import assign


def test_the_sum_counts_and_not_the_single_best_pair():
    assert assign(np.array([[5.0, 4.0], [4.5, 0.5]]), 0.0) == {0: 1, 1: 0}


def test_pairs_that_gain_too_little_are_none():
    assert assign(np.array([[5.0, 4.0], [4.5, 0.5]]), 4.2) == {0: 0}
    assert assign(np.array([[-1.0, -2.0]]), 0.0) == {}


def test_nothing_belongs_to_nothing():
    assert assign(np.zeros((0, 3)), 0.0) == assign(np.zeros((3, 0)), 0.0) == {}


@pytest.mark.parametrize('values', ['any', 'few'])
def test_no_other_pairs_gain_more(values):
    rng = np.random.default_rng(0)
    for rows, columns in rng.integers(0, 8, (300, 2)):
        gains = 3.0 * rng.standard_normal((rows, columns))
        worth = np.maximum(np.round(gains) if values == 'few' else gains, 0.0)
        found = assign(worth, 0.0)
        assert len(set(found.values())) == len(found)
        best = worth[linear_sum_assignment(worth, maximize=True)].sum()
        assert sum(worth[pair] for pair in found.items()) == pytest.approx(best)
