"""Steadiness of masks over time, beside that of the true ones."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import IGNORED, LabelledFrame
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.order import STILL, EvaluationStep
from mt3dnet_ros.evaluation.scorers.steadiness import SteadinessScorer
from mt3dnet_ros.perception.scene import Scene


def mask(first, last):
    labels = np.zeros((4, 20), np.uint8)
    labels[:, first:last] = 1
    return labels


def judge(*frames):
    """Judge frames of (predicted, truth, step)."""
    scorer = SteadinessScorer()
    for predicted, truth, step in frames:
        frame = LabelledFrame('a', np.zeros((4, 20, 3), np.uint8), parts=truth)
        scorer.update(Observation(frame, Scene(labels=predicted), [], step))
    return scorer.section()


def step(sequence, place):
    return EvaluationStep(place, sequence, place > 0, place + 1)


def values(metrics):
    return {name: metric.value for name, metric in metrics.items()}


def test_predicted_and_true_masks_are_compared_on_the_same_pairs():
    found = judge(
        (mask(0, 10), mask(0, 10), step('a', 0)), (mask(5, 15), mask(0, 10), step('a', 1)),
        (mask(0, 4), mask(0, 4), step('b', 0)), (mask(0, 4), mask(2, 6), step('b', 1)),
    )  # fmt: skip
    assert values(found.tables['sequence']['a']) == pytest.approx(
        {'iou_predicted': 1 / 3, 'iou_true': 1.0, 'iou_below_true': 2 / 3}
    )
    assert values(found.tables['sequence']['b']) == pytest.approx(
        {'iou_predicted': 1.0, 'iou_true': 1 / 3, 'iou_below_true': -2 / 3}
    )
    assert values(found.metrics) == pytest.approx(
        {'iou_predicted': 2 / 3, 'iou_true': 2 / 3, 'iou_below_true': 0.0, 'empty_pairs': 0}
    )
    assert found.metrics['iou_true'].n == 2, 'the last frame of one sequence is not compared with the first of another'


def test_pairs_without_an_instrument_are_counted_apart():
    found = judge(
        (mask(0, 4), mask(0, 4), step('a', 0)), (mask(0, 4), mask(0, 4), step('a', 1)),
        (mask(0, 0), mask(0, 4), step('a', 2)), (mask(0, 0), mask(0, 4), step('a', 3)),
    )  # fmt: skip
    assert values(found.metrics) == pytest.approx(
        {'iou_predicted': 0.5, 'iou_true': 1.0, 'iou_below_true': 0.5, 'empty_pairs': 1}
    )
    assert found.metrics['empty_pairs'].n == 3


def test_unlabelled_pixels_do_not_count():
    truth = mask(0, 10)
    truth[:, 8:] = IGNORED
    found = judge((mask(0, 8), truth, step('a', 0)), (mask(0, 20), truth, step('a', 1)))
    assert found.metrics['iou_predicted'].value == found.metrics['iou_true'].value == 1.0


def test_a_frame_without_labels_is_not_bridged():
    labelled = mask(0, 4), mask(0, 4)
    found = judge((*labelled, step('a', 0)), (mask(0, 4), None, step('a', 1)), (*labelled, step('a', 2)))
    assert 'no two consecutive frames were seen' in found.skipped


def test_stills_have_no_steadiness():
    assert '--limit' in judge((mask(0, 4), mask(0, 4), STILL), (mask(0, 4), mask(0, 4), STILL)).skipped
