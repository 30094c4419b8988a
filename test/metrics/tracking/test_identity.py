"""IDF1, counted by hand."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.metrics.tracking.identity import IdentityCounts, identity
from mt3dnet_ros.metrics.tracking.sequence import TrackedFrame, TrackedSequence


def named(*found: int | None) -> TrackedSequence:
    """Return frames of one true thing, each with the id that it was found by, or None."""
    return TrackedSequence(
        TrackedFrame([1], [] if number is None else [number], np.full((1, int(number is not None)), 0.9))
        for number in found
    )


def test_a_thing_with_one_name_all_the_time_is_right():
    assert identity(named(7, 7, 7)).idf1 == 1.0


def test_the_longer_name_counts():
    assert identity(named(7, 7, 7, 8)) == IdentityCounts(3, 4, 4)


def test_misses_lower_it_half_as_much_as_wrong_names():
    assert identity(named(7, 7, 7, None)).idf1 == 6 / 7
    assert identity(named(7, 7, 7, 8)).idf1 == 6 / 8


def test_a_name_belongs_to_one_thing():
    frames = [TrackedFrame([1, 2], [7], np.array([[0.9], [0.1]]))] * 3 + [
        TrackedFrame([1, 2], [7], np.array([[0.1], [0.9]]))
    ]
    assert identity(TrackedSequence(frames)) == IdentityCounts(3, 8, 4)


def test_nothing_has_no_score():
    assert np.isnan(identity(TrackedSequence([])).idf1)
