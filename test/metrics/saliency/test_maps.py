"""Metrics of saliency maps on maps whose scores can be written down."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.metrics.saliency.agreement import correlation, kl_divergence, nss, similarity
from mt3dnet_ros.metrics.saliency.auc import auc_borji, auc_judd, auc_shuffled
from mt3dnet_ros.metrics.saliency.earth_mover import spatial_emd, value_distance
from mt3dnet_ros.metrics.saliency.maps import fixated, reduced, standardised, unit_mass, unit_range

CONSTANT = [np.zeros((4, 5)), np.full((4, 5), 0.3)]


def dot(row, column, size=(4, 5)):
    """Return a map with one pixel of 1."""
    saliency = np.zeros(size)
    saliency[row, column] = 1.0
    return saliency


def random_map(seed, size=(16, 20)):
    return np.random.default_rng(seed).random(size)


def test_judd_area_is_the_share_of_pairs_in_which_the_fixated_pixel_is_more_salient():
    saliency = np.array([[0.9, 0.8, 0.6, 0.4, 0.2, 0.1]])
    fixations = np.array([[True, False, False, True, False, False]])
    # The first beats all four others, the second two of them.
    assert auc_judd(saliency, fixations) == pytest.approx(6 / 8)


def test_judd_area_counts_equally_salient_pixels_half():
    saliency, fixations = np.array([[1.0, 1.0, 0.0, 0.0]]), np.array([[True, False, False, False]])
    assert auc_judd(saliency, fixations) == pytest.approx(2.5 / 3)


def test_judd_area_is_near_that_of_thresholds_at_the_fixations_after_noise():
    rng = np.random.default_rng(1)
    saliency = np.round(random_map(0), 1)
    fixations = saliency + 3.0 * rng.random(saliency.shape) > 3.0
    noisy, count = saliency + 1e-7 * rng.random(saliency.shape), fixations.sum()
    thresholds = np.sort(noisy[fixations])[::-1]
    hits = np.array([0.0, *(np.arange(count) + 1) / count, 1.0])
    false_alarms = np.array([0.0, *((noisy[~fixations] >= t).mean() for t in thresholds), 1.0])
    published = (np.diff(false_alarms) * (hits[1:] + hits[:-1]) / 2).sum()
    assert auc_judd(saliency, fixations) == pytest.approx(published, abs=1 / count)
    assert 0.6 < published < 0.95


def test_borji_area_counts_all_pixels_as_false_alarms():
    saliency = np.array([[1.0, 0.55, 0.55, 0.0]])
    fixations = np.array([[False, True, False, False]])
    # From step 0.5 on the fixation is hit: (0, 0), (1/4, 0), (3/4, 1), (1, 1).
    assert auc_borji(saliency, fixations) == pytest.approx(0.5 * 0.5 + 0.25)


def test_borji_area_is_the_mean_of_random_draws():
    saliency, rng = random_map(0), np.random.default_rng(1)
    fixations = saliency * rng.random(saliency.shape) > 0.5
    scaled = unit_range(saliency)
    steps = np.arange(10, -1, -1) / 10
    hits = np.array([0.0, *((scaled[fixations] >= step).mean() for step in steps), 1.0])
    areas = []
    for _ in range(400):
        drawn = rng.choice(scaled.ravel(), fixations.sum())
        false_alarms = np.array([0.0, *((drawn >= step).mean() for step in steps), 1.0])
        areas.append((np.diff(false_alarms) * (hits[1:] + hits[:-1]) / 2).sum())
    assert auc_borji(saliency, fixations) == pytest.approx(np.mean(areas), abs=4 * np.std(areas) / 20)
    assert np.std(areas) > 1e-3


def test_shuffled_area_weighs_false_alarms_by_how_often_others_are_fixated():
    saliency = np.array([[1.0, 0.5, 0.0]])
    fixations = np.array([[False, True, False]])
    # Others: the first pixel 3 times, the last once: (0, 0), (3/4, 0), (3/4, 1), (1, 1).
    assert auc_shuffled(saliency, fixations, np.array([[3, 0, 1]])) == pytest.approx(1 / 4)


def test_what_all_fixations_share_gains_nothing_in_the_shuffled_area():
    fixations = dot(1, 2) > 0
    assert auc_shuffled(dot(1, 2), fixations, dot(1, 2)) == 0.5
    assert auc_borji(dot(1, 2), fixations) > 0.9


@pytest.mark.parametrize('area', [auc_judd, auc_borji], ids=['judd', 'borji'])
def test_perfect_map_has_nearly_all_the_area_and_its_negative_nearly_none(area):
    fixations = random_map(0, (40, 50)) > 0.995
    assert area(fixations.astype(float), fixations) > 0.99
    assert area(1.0 - fixations, fixations) < 0.01


@pytest.mark.parametrize('constant', CONSTANT, ids=['empty', 'grey'])
def test_prediction_without_contrast_scores_chance(constant):
    truth = np.maximum(dot(1, 1), 0.6 * dot(3, 4))
    fixations = fixated(truth)
    assert auc_judd(constant, fixations) == auc_borji(constant, fixations) == 0.5
    assert auc_shuffled(constant, fixations, dot(0, 0)) == 0.5
    assert nss(constant, fixations) == correlation(constant, truth) == 0.0
    assert similarity(constant, truth) == pytest.approx(2 / 20)
    assert kl_divergence(constant, truth) == pytest.approx(kl_divergence(np.ones((4, 5)), truth))


@pytest.mark.parametrize('metric', [correlation, similarity, kl_divergence, spatial_emd])
def test_empty_truth_gives_no_score(metric):
    assert math.isnan(metric(random_map(0), np.zeros((16, 20))))


@pytest.mark.parametrize('metric', [auc_judd, auc_borji, nss])
def test_no_fixation_gives_no_score(metric):
    assert math.isnan(metric(random_map(0), np.zeros((16, 20), bool)))


def test_fixations_everywhere_or_no_others_leave_nothing_to_compare_with():
    saliency = random_map(0)
    assert math.isnan(auc_judd(saliency, np.ones(saliency.shape, bool)))
    assert math.isnan(auc_shuffled(saliency, saliency > 0.5, np.zeros(saliency.shape)))
    assert math.isnan(correlation(saliency, np.ones(saliency.shape)))


def test_nss_counts_standard_deviations_above_the_mean():
    # Mean 1, standard deviation sqrt(3): the fixated 4 stands 3 / sqrt(3) above.
    assert nss(np.array([[4.0, 0.0, 0.0, 0.0]]), np.array([[True, False, False, False]])) == pytest.approx(math.sqrt(3))
    assert nss(np.array([[4.0, 0.0, 0.0, 0.0]]), np.ones((1, 4), bool)) == pytest.approx(0.0)


def test_correlation_is_pearsons():
    first, second = random_map(0), random_map(1)
    assert correlation(first, second) == pytest.approx(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    assert correlation(3.0 * first + 1.0, first) == pytest.approx(1.0)
    assert correlation(1.0 - first, first) == pytest.approx(-1.0)


def test_similarity_is_the_shared_mass():
    # Scaled to unit mass: (0, 1/4, 3/4) and (1/2, 1/2, 0); before, the first is lifted by 0.2, which does not count.
    assert similarity(np.array([[0.2, 0.4, 0.8]]), np.array([[1.0, 1.0, 0.0]])) == pytest.approx(1 / 4)
    assert similarity(dot(0, 0), dot(1, 1)) == 0.0


def test_kl_divergence_of_two_distributions():
    prediction, truth = np.array([[0.5, 0.5]]), np.array([[0.75, 0.25]])
    assert kl_divergence(prediction, truth) == pytest.approx(0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    assert kl_divergence(7.0 * truth, truth) == pytest.approx(0.0, abs=1e-12)


def test_kl_divergence_of_a_missed_pixel_is_bounded_by_epsilon():
    assert kl_divergence(dot(0, 0), dot(1, 1)) == pytest.approx(52 * math.log(2))


def test_emd_of_two_dots_is_their_distance_in_longer_sides():
    assert spatial_emd(dot(0, 0), dot(3, 4)) == pytest.approx(math.hypot(3, 4) / 5)


def test_emd_moves_only_what_does_not_match_and_takes_the_cheaper_pairing():
    # Mass 1/2 stays at the left; the other half goes one to the right.
    assert spatial_emd(np.array([[1.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 1.0]])) == pytest.approx(0.5 / 3)
    # From columns 1 and 2 to columns 0 and 3: one step each, not two.
    assert spatial_emd(np.array([[0.0, 1, 1, 0]]), np.array([[1.0, 0, 0, 1]])) == pytest.approx(1 / 4)


def test_emd_of_one_row_is_the_area_between_the_cumulated_masses():
    first, second = random_map(0, (1, 20)), random_map(1, (1, 20))
    expected = np.abs(np.cumsum(unit_mass(first) - unit_mass(second))).sum() / 20
    assert spatial_emd(first, second) == pytest.approx(expected)


def test_emd_hardly_depends_on_the_grid():
    rows, columns = np.mgrid[:64, :80]
    maps = [np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 128.0) for y, x in ((20, 20), (44, 52))]
    assert spatial_emd(*maps, longest_side=16) == pytest.approx(spatial_emd(*maps, longest_side=10), rel=0.02)
    assert spatial_emd(*maps, longest_side=16) == pytest.approx(math.hypot(24, 32) / 80, rel=0.02)


def test_equal_maps_are_no_distance_apart():
    saliency = random_map(0)
    assert spatial_emd(saliency, 2.0 * saliency) == pytest.approx(0.0, abs=1e-9)


def test_value_distance_is_blind_to_place():
    assert value_distance(dot(0, 0), dot(3, 4)) == 0.0
    assert value_distance(np.array([[1.0, 0.0]]), np.array([[0.0, 0.5]])) == pytest.approx(0.25)


def test_truth_is_fixated_above_the_threshold():
    assert fixated(np.array([0.4, 0.5, 0.6])).tolist() == [False, False, True]


def test_scaled_maps_have_the_range_mass_and_deviation_that_their_names_say():
    saliency = 3.0 + random_map(0)
    assert (unit_range(saliency).min(), unit_range(saliency).max()) == (0.0, 1.0)
    assert unit_mass(saliency).sum() == pytest.approx(1.0)
    assert (standardised(saliency).mean(), standardised(saliency).std()) == pytest.approx((0.0, 1.0))


def test_negative_saliency_is_refused_as_a_distribution():
    with pytest.raises(ValueError, match=r'saliency -0\.5 is negative'):
        unit_mass(np.array([[1.0, -0.5]]))


def test_reduced_map_holds_the_averages_of_its_cells_and_keeps_the_mean():
    saliency = np.arange(16.0).reshape(2, 8)
    assert np.allclose(reduced(saliency, 4), [[4.5, 6.5, 8.5, 10.5]])
    uneven = reduced(random_map(0, (7, 9)), 4)
    assert uneven.shape == (3, 4) and uneven.mean() == pytest.approx(random_map(0, (7, 9)).mean())
    assert np.allclose(reduced(saliency, 100), saliency)
