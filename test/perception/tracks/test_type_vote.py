"""Votes on a type: Bayes' rule for opinions that are new, and less for those that repeat the last one."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.perception.scene import Box, Detection
from mt3dnet_ros.perception.tracks.type_vote import FORGOTTEN_AFTER, INDEPENDENT_AFTER, TypeVote, type_distribution

SECOND = 1_000_000_000
LATER = round(INDEPENDENT_AFTER * SECOND)


def detection(scores: tuple[float, ...], probability: float) -> Detection:
    return Detection(1, '', max(scores), 1, Box(0, 0, 1, 1), class_scores=scores, type_probability=probability)


def test_a_detection_gives_its_best_class_its_probability_and_the_others_the_rest_by_their_scores():
    np.testing.assert_allclose(type_distribution(detection((0.2, 0.9, 0.6), 0.6)), [0.1, 0.6, 0.3], atol=1e-5)


def test_a_detection_without_other_scores_is_a_distribution_too():
    assert type_distribution(detection((0.0, 0.9, 0.0), 0.5)) == pytest.approx([0.25, 0.5, 0.25])


def test_the_first_vote_is_what_the_frame_says():
    vote = TypeVote()
    vote.add(np.array([0.7, 0.2, 0.1]), SECOND)
    np.testing.assert_allclose(vote.probabilities, [0.7, 0.2, 0.1])


def test_opinions_that_are_new_multiply():
    vote = TypeVote()
    vote.add(np.array([0.6, 0.4]), SECOND)
    vote.add(np.array([0.6, 0.4]), SECOND + LATER)
    forgotten = np.exp(-INDEPENDENT_AFTER / FORGOTTEN_AFTER)
    assert np.log(vote.probabilities[0] / vote.probabilities[1]) == pytest.approx((1 + forgotten) * np.log(1.5))


def test_the_same_opinion_counts_by_the_time_that_it_lasts_and_not_by_the_frames():
    slow, fast = TypeVote(), TypeVote()
    for vote, frames in ((slow, 5), (fast, 50)):
        for place in range(frames + 1):
            vote.add(np.array([0.6, 0.4]), SECOND + place * 2 * SECOND // frames)
    np.testing.assert_allclose(slow.probabilities, fast.probabilities, atol=0.01)


def test_no_single_frame_rules_a_type_out():
    vote = TypeVote()
    vote.add(np.array([1.0, 0.0]), SECOND)
    for place in range(1, 4):
        vote.add(np.array([0.1, 0.9]), SECOND + place * LATER)
    assert vote.probabilities.argmax() == 1


def test_an_exchanged_tool_is_called_by_its_own_name_in_the_end():
    vote = TypeVote()
    for place in range(2000):
        vote.add(np.array([0.75, 0.25] if place < 1000 else [0.25, 0.75]), SECOND + place * SECOND // 10)
    assert vote.probabilities[1] > 0.99
