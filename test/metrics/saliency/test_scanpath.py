"""The order of instruments, intervals of means and baselines."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.metrics.saliency.baselines import centre_prior, nearest_clasper
from mt3dnet_ros.metrics.saliency.intervals import bootstrap_interval
from mt3dnet_ros.metrics.saliency.scanpath import (
    UNMATCHED,
    first_is_right,
    matched_path,
    rank_instruments,
    whole_is_right,
)


def instruments(*columns, size=(8, 24), width=4):
    """Return instance ids 1, 2 ... of bars that begin at some columns."""
    instances = np.zeros(size, np.uint8)
    for number, column in enumerate(columns, start=1):
        instances[:, column : column + width] = number
    return instances


def test_instruments_are_ranked_by_mean_saliency_not_by_size():
    instances = instruments(0, 10)
    instances[:, 10:20] = 2
    saliency = np.where(instances == 1, 0.5, np.where(instances == 2, 0.4, 0.9))
    assert rank_instruments(saliency, instances) == (1, 2)
    assert rank_instruments(1.0 - saliency, instances) == (2, 1)


def test_equally_salient_instruments_keep_the_order_of_their_ids():
    assert rank_instruments(np.zeros((8, 24)), instruments(12, 6, 0)) == (1, 2, 3)


def test_frame_without_instruments_has_an_empty_scanpath():
    assert rank_instruments(np.ones((8, 24)), np.zeros((8, 24), np.uint8)) == ()


def test_path_is_told_in_the_ids_of_the_instruments_it_covers():
    true, found = instruments(0, 10), instruments(11, 1)
    assert matched_path((1, 2), found, true) == (2, 1)


def test_instrument_that_covers_half_or_less_is_none_of_the_true_ones():
    true, found = instruments(0), instruments(0, 16)
    found[:, 2:4] = 0
    assert matched_path((1, 2), found, true) == (UNMATCHED, UNMATCHED)


@pytest.mark.parametrize(
    ('path', 'first', 'whole'),
    [
        ((2, 1, 3), True, True),
        ((2, 3, 1), True, False),
        ((1, 2, 3), False, False),
        ((2, 1), True, False),
        ((2, 1, 3, UNMATCHED), True, False),
        ((), False, False),
    ],
)
def test_scanpath_against_the_truth(path, first, whole):
    assert first_is_right(path, (2, 1, 3)) is first and whole_is_right(path, (2, 1, 3)) is whole


def test_interval_of_independent_values_is_that_of_the_normal_approximation():
    values = np.random.default_rng(0).normal(5.0, 2.0, 400)
    low, high = bootstrap_interval(values, [str(k) for k in range(400)])
    margin = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - margin, values.mean() + margin), abs=0.1 * margin)


def test_interval_is_wider_where_frames_of_a_sequence_are_alike():
    values = np.repeat(np.random.default_rng(0).random(10), 40)
    alone = bootstrap_interval(values, [str(k) for k in range(400)])
    grouped = bootstrap_interval(values, [str(k // 40) for k in range(400)])
    assert grouped.high - grouped.low > 4 * (alone.high - alone.low)


def test_interval_leaves_missing_values_out_and_repeats_itself():
    values, groups = np.random.default_rng(0).random(30), [str(k) for k in range(30)]
    holed = np.concatenate([values, [math.nan] * 5])
    assert bootstrap_interval(holed, groups + ['30'] * 5) == bootstrap_interval(values, groups)


def test_one_sequence_says_nothing_on_how_sure_its_mean_is():
    assert all(math.isnan(bound) for bound in bootstrap_interval(np.arange(5.0), ['a'] * 5))
    assert all(math.isnan(bound) for bound in bootstrap_interval(np.full(2, math.nan), ['a', 'b']))


def test_centre_prior_peaks_in_the_middle_and_falls_off_with_the_picture_shape():
    prior = centre_prior(41, 81)
    assert prior[20, 40] == prior.max() == pytest.approx(1.0)
    assert np.allclose(prior, prior[::-1, ::-1])
    assert prior[0, 40] == pytest.approx(prior[20, 0], rel=0.1)


def test_nearest_clasper_stands_out_by_the_ratio_of_depths():
    instances = instruments(2, 16, size=(9, 24), width=3)
    depth = np.where(instances == 1, 0.1, 0.05)
    saliency = nearest_clasper(instances > 0, instances, depth)
    assert saliency[4, 17] == saliency.max() == pytest.approx(1.0)
    assert saliency[4, 3] == pytest.approx(0.5)
    assert rank_instruments(saliency, instances) == (2, 1)


def test_only_claspers_are_salient():
    instances = instruments(2, 16)
    clasper = instances == 1
    saliency = nearest_clasper(clasper, instances)
    assert saliency[:, 3].max() > 0.8 and saliency[:, 16:].max() < 0.01
    assert not nearest_clasper(np.zeros_like(clasper), instances).any()


@pytest.mark.parametrize('unknown', [0.0, math.nan])
def test_clasper_of_unknown_depth_is_as_far_as_the_farthest(unknown):
    instances = instruments(0, 8, 16)
    depth = np.array([0.0, unknown, 0.05, 0.1])[instances]
    saliency = nearest_clasper(instances > 0, instances, depth)
    peaks = [saliency[:, column : column + 4].max() for column in (0, 8, 16)]
    assert peaks[0] == pytest.approx(peaks[2]) and peaks[1] == pytest.approx(2 * peaks[0])


def test_without_depth_all_claspers_are_alike():
    instances = instruments(0, 8)
    saliency = nearest_clasper(instances > 0, instances)
    assert saliency[:, :4].max() == pytest.approx(saliency[:, 8:12].max())
