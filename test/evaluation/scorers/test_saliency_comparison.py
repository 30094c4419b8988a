"""The report's section on saliency."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from mt3dnet_ros.evaluation.report import as_json, as_markdown
from mt3dnet_ros.evaluation.scorers.saliency_comparison import NETWORK, SaliencyComparison
from mt3dnet_ros.evaluation.scorers.saliency_scores import Attention
from mt3dnet_ros.metrics.saliency.baselines import centre_prior

SIZE = (16, 20)
PRIOR = Attention(centre_prior(*SIZE), (2, 1))


def spot(row, column):
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 8.0)


def scored(frames):
    """Return the section after frames of (prediction, truth, sequence), with the centre prior beside."""
    scorer = SaliencyComparison()
    for predicted, truth, sequence in frames:
        scorer.update({NETWORK: predicted, 'centre prior': PRIOR}, truth, sequence)
    return scorer.section()


def corners():
    """Return a perfect prediction in each of four sequences that look elsewhere each."""
    truths = [Attention(spot(row, column), (1, 2)) for row in (3, 12) for column in (4, 15)]
    return [(truth, truth, f's{number}') for number, truth in enumerate(truths)]


def test_perfect_prediction_scores_perfectly():
    metrics = scored(corners()).metrics
    values = {name: metric.value for name, metric in metrics.items()}
    assert values['auc_judd'] > 0.99 and values['auc_shuffled'] > 0.9 and values['nss'] > 2.0
    assert [values[name] for name in ('cc', 'sim', 'kl', 'emd', 'top1', 'whole_path')] == pytest.approx(
        [1, 1, 0, 0, 1, 1], abs=1e-9
    )
    assert all(metric.n == 4 and metric.of == 'frames' for metric in metrics.values())


def test_gain_over_a_baseline_is_the_mean_difference_with_its_interval():
    section = scored(corners())
    gain, baseline = section.tables['gain over centre prior'], section.tables['centre prior']
    assert gain['sim']['mean'].value == pytest.approx(1.0 - baseline['sim']['mean'].value)
    assert 0.0 < gain['nss']['ci95_low'].value <= gain['nss']['mean'].value <= gain['nss']['ci95_high'].value
    assert gain['top1']['mean'].value == 1.0


def test_network_and_baseline_stand_side_by_side():
    row = scored(corners()).tables['comparison']['top1']
    assert {source: metric.value for source, metric in row.items()} == {'network': 1.0, 'centre prior': 0.0}


def test_centre_prior_gains_nothing_in_the_shuffled_area_where_others_are_as_central():
    assert scored(corners()).tables['centre prior']['auc_shuffled']['mean'].value == pytest.approx(0.5, abs=0.05)


def test_shuffled_area_needs_a_second_sequence():
    frames = [(predicted, truth, 'only') for predicted, truth, _ in corners()]
    section = scored(frames)
    assert math.isnan(section.metrics['auc_shuffled'].value) and section.metrics['auc_shuffled'].n == 0
    assert math.isnan(section.tables['network']['nss']['ci95_low'].value)


def test_frames_with_one_instrument_count_apart():
    several = Attention(spot(3, 4), (1, 2))
    single = Attention(spot(3, 4), (1,))
    wrong = Attention(spot(3, 4), (2, 1))
    metrics = scored([(wrong, several, 'a'), (single, single, 'b')]).metrics
    assert (metrics['top1'].value, metrics['top1'].n) == (0.5, 2)
    assert (metrics['top1_several'].value, metrics['top1_several'].n) == (0.0, 1)


def test_frame_without_true_scanpath_counts_only_for_its_map():
    truth = Attention(spot(3, 4))
    metrics = scored([(Attention(spot(3, 4), (1,)), truth, 'a')]).metrics
    assert metrics['top1'].n == 0 and metrics['sim'].n == 1


def test_empty_truth_is_left_out_and_named():
    nothing = Attention(np.zeros(SIZE), ())
    section = scored([*corners(), (nothing, nothing, 's0')])
    assert section.metrics['nss'].n == 4
    assert '1 frames with empty true saliency' in section.notes[-1]
    assert scored([(nothing, nothing, 's0')]).skipped == 'no frame has true saliency'


def test_section_can_be_written_as_json_and_read_by_people():
    sections = [scored(corners()[:1])]
    report = json.loads(json.dumps(as_json({}, sections), allow_nan=False))
    assert report['saliency']['metrics']['sim'] == {'value': pytest.approx(1.0), 'n': 1, 'of': 'frames'}
    assert '| gain over centre prior |' in as_markdown({}, sections, {})


def test_prediction_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r'saliency of network has shape \(8, 10\), the truth \(16, 20\)'):
        scored([(Attention(np.ones((8, 10))), Attention(spot(3, 4)), 'a')])


def test_every_frame_needs_the_same_predictions():
    scorer, truth = SaliencyComparison(), Attention(spot(3, 4))
    with pytest.raises(ValueError, match=r"must be those of \['network'\]"):
        scorer.update({'centre prior': PRIOR}, truth, 'a')
    scorer.update({NETWORK: truth, 'centre prior': PRIOR}, truth, 'a')
    with pytest.raises(ValueError, match=r"must be those of \['centre prior', 'network'\]"):
        scorer.update({NETWORK: truth}, truth, 'a')
