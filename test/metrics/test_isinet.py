"""The published IoU by hand, and against the published procedure written out on masks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.metrics.confusion import count_pairs
from mt3dnet_ros.metrics.isinet import IsinetScores

CLASSES = 4


def scores_of(*frames):
    scores = IsinetScores(CLASSES)
    for seen, truth in frames:
        scores.update(count_pairs(np.asarray(seen), np.asarray(truth), CLASSES))
    return scores


def published(frames):
    """Return challenge IoU, ISI IoU, mcIoU and cumulative IoU, step by step as papers describe them."""
    challenge, isi, per_class, intersections, unions = [], [], {}, 0, 0
    for seen, truth in frames:
        if not seen.any():
            if truth.any():
                challenge.append(0)
                isi.append(0)
                for label in set(truth.tolist()) - {0}:
                    per_class.setdefault(label, []).append(0)
            continue
        of_frame, of_truth = [], []
        for label in range(1, CLASSES):
            seen_mask, true_mask = seen == label, truth == label
            union = (seen_mask | true_mask).sum()
            if union == 0:
                continue
            intersection = (seen_mask & true_mask).sum()
            intersections, unions = intersections + intersection, unions + union
            of_frame.append(intersection / union)
            per_class.setdefault(label, []).append(intersection / union)
            if true_mask.any():
                of_truth.append(intersection / union)
        isi.append(np.mean(of_frame))
        if of_truth:
            challenge.append(np.mean(of_truth))
    means = [np.mean(values) for values in per_class.values()]
    return np.mean(challenge), np.mean(isi), np.mean(means), intersections / unions


def test_a_wrongly_predicted_class_costs_only_isi_iou():
    scores = scores_of(([1, 1, 2, 0], [1, 1, 1, 0]))
    assert scores.challenge_iou() == pytest.approx(2 / 3)
    assert scores.isi_iou() == pytest.approx((2 / 3 + 0) / 2)
    assert scores.mean_class_iou() == pytest.approx((2 / 3 + 0) / 2)
    assert scores.cumulative_iou() == pytest.approx(2 / (3 + 1))


def test_a_frame_in_which_nothing_was_seen_scores_0_for_every_true_class():
    scores = scores_of(([0, 0, 0], [1, 2, 0]), ([1, 2, 0], [1, 2, 0]))
    assert scores.challenge_iou() == scores.isi_iou() == 0.5
    assert scores.class_iou()[1:3].tolist() == [0.5, 0.5]
    assert scores.cumulative_iou() == 1.0, 'such frames are left out of the cumulative IoU'


def test_an_empty_frame_that_is_seen_as_empty_does_not_count():
    scores = scores_of(([0, 0], [0, 0]), ([1, 0], [1, 0]))
    assert scores.frames == (1, 1)
    assert scores.isi_iou() == 1.0


def test_something_seen_in_an_empty_frame_costs_isi_iou_but_not_challenge_iou():
    scores = scores_of(([3, 0], [0, 0]), ([1, 0], [1, 0]))
    assert scores.isi_iou() == 0.5 and scores.challenge_iou() == 1.0
    assert scores.class_iou()[3] == 0.0 and math.isnan(scores.class_iou()[2])


def test_drawn_frames_score_as_the_published_procedure_says():
    rng = np.random.default_rng(0)
    shares = rng.dirichlet([2, 0.3, 0.3, 0.3], 40)
    frames = [(rng.choice(CLASSES, 12, p=share), rng.choice(CLASSES, 12, p=share)) for share in shares]
    assert any(not seen.any() for seen, _ in frames), 'the draw holds the special case'
    scores = scores_of(*frames)
    found = scores.challenge_iou(), scores.isi_iou(), scores.mean_class_iou(), scores.cumulative_iou()
    assert found == pytest.approx(published(frames))


def test_without_frames_there_is_no_iou():
    scores = IsinetScores(CLASSES)
    for score in (scores.challenge_iou, scores.isi_iou, scores.cumulative_iou, scores.mean_class_iou):
        assert math.isnan(score())
