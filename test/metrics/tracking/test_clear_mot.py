"""CLEAR MOT, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.metrics.tracking.clear_mot import ClearCounts, clear_mot
from mt3dnet_ros.metrics.tracking.sequence import TrackedFrame, TrackedSequence


def sequence(*frames: tuple[dict[int, int], set[int], set[int]]) -> TrackedSequence:
    """Return frames of pairs of true and found ids, true ids that are missed, and found ids that are none."""
    made = []
    for pairs, missed, false in frames:
        truths, found = [*pairs, *missed], [*pairs.values(), *false]
        similarity = [[0.8 if pairs.get(true) == other else 0.1 for other in found] for true in truths]
        made.append(TrackedFrame(truths, found, np.array(similarity)))
    return TrackedSequence(made)


def test_perfect_tracks_have_no_error():
    counts = clear_mot(sequence(*[({1: 7, 2: 8}, set(), set())] * 4))
    assert counts == ClearCounts(8, 0, 0, 0, pytest.approx(6.4))
    assert counts.mota == 1.0 and counts.motp == pytest.approx(0.8)


def test_misses_false_alarms_and_switches_are_counted():
    counts = clear_mot(
        sequence(({1: 7, 2: 8}, set(), {9}), ({1: 7}, {2}, set()), ({1: 8, 2: 7}, set(), set()), ({1: 8}, {2}, {9}))
    )
    assert counts[:4] == (8, 2, 2, 2)
    assert counts.mota == 1.0 - 6 / 8


def test_an_id_that_is_lost_and_found_again_is_no_switch():
    assert clear_mot(sequence(({1: 7}, set(), set()), ({}, {1}, set()), ({1: 7}, set(), set()))).switches == 0


def test_a_new_id_after_a_miss_is_a_switch():
    assert clear_mot(sequence(({1: 7}, set(), set()), ({}, {1}, set()), ({1: 9}, set(), set()))).switches == 1


def test_a_pair_goes_on_though_another_one_fits_better():
    frames = [
        TrackedFrame([1], [7], np.array([[0.9]])),
        TrackedFrame([1], [7, 8], np.array([[0.55, 0.95]])),
    ]
    assert clear_mot(TrackedSequence(frames))[:4] == (2, 0, 1, 0)


def test_too_little_similarity_is_a_miss_and_a_false_alarm():
    frames = [TrackedFrame([1], [7], np.array([[0.49]]))]
    assert clear_mot(TrackedSequence(frames))[:4] == (1, 1, 1, 0)


def test_without_true_things_there_is_no_mota():
    assert np.isnan(clear_mot(TrackedSequence([TrackedFrame([], [7], np.zeros((0, 1)))])).mota)


def test_counts_of_sequences_add_up():
    one = clear_mot(sequence(({1: 7}, set(), set())))
    assert one.plus(one)[:4] == (2, 0, 0, 0)
