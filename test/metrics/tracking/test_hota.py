"""HOTA, counted by hand, and all metrics beside those of the reference implementation."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.metrics.tracking.clear_mot import clear_mot
from mt3dnet_ros.metrics.tracking.hota import ALPHAS, hota
from mt3dnet_ros.metrics.tracking.identity import identity
from mt3dnet_ros.metrics.tracking.sequence import TrackedFrame, TrackedSequence

# MOTA, MOTP, switches, misses, false alarms, IDF1, HOTA, DetA and AssA of ``random_sequence`` by TrackEval 1.0.0.
REFERENCE = {
    0: (0.487179, 0.736469, 10, 67, 43, 0.540541, 0.399734, 0.518235, 0.309001),
    1: (0.466942, 0.757244, 10, 72, 47, 0.448802, 0.340765, 0.525444, 0.222165),
    2: (0.389831, 0.741865, 9, 85, 50, 0.498856, 0.387670, 0.490754, 0.307220),
    3: (0.469828, 0.749391, 7, 70, 46, 0.545455, 0.398014, 0.523300, 0.303831),
    4: (0.355372, 0.752975, 11, 84, 61, 0.546638, 0.435408, 0.502600, 0.377665),
    5: (0.478448, 0.737182, 6, 71, 44, 0.494279, 0.398900, 0.518156, 0.307449),
}


def test_perfect_tracks_have_one():
    counts = hota(TrackedSequence([TrackedFrame([1, 2], [7, 8], np.eye(2))] * 5))
    assert counts.hota == counts.detection == counts.associated == 1.0


def test_one_name_for_each_half_of_the_time_halves_the_association():
    counts = hota(TrackedSequence([TrackedFrame([1], [number], np.ones((1, 1))) for number in (7, 7, 8, 8)]))
    assert counts.detection == 1.0
    assert counts.associated == pytest.approx(0.5)  # two of four frames have the name of each
    assert counts.hota == pytest.approx(0.5**0.5)


def test_similarity_counts_up_to_the_thresholds_that_it_reaches():
    counts = hota(TrackedSequence([TrackedFrame([1], [7], np.full((1, 1), 0.6))] * 3))
    reached = float((ALPHAS <= 0.6 + 1e-9).mean())
    assert counts.hota == pytest.approx(reached)


def test_nothing_has_no_score():
    assert hota(TrackedSequence([])).hota == 0.0


def random_sequence(seed: int) -> TrackedSequence:
    """Return frames of five things whose names are exchanged, lost and found anew."""
    rng, frames, names = np.random.default_rng(seed), [], {k: k for k in range(5)}
    for frame in range(60):
        truths = [k for k in range(5) if rng.random() > 0.2]
        if rng.random() < 0.1:
            a, b = rng.choice(5, 2, replace=False)
            names[a], names[b] = names[b], names[a]
        if rng.random() < 0.05:
            names[int(rng.integers(5))] = 100 + frame
        kept = [int(names[k]) for k in truths if rng.random() > 0.15]
        found = list(dict.fromkeys(int(names[k]) for k in truths if names[k] in kept))
        found += [1000 + int(rng.integers(3))] if rng.random() < 0.2 else []
        similarity = rng.uniform(0, 0.45, (len(truths), len(found)))
        for row, true in enumerate(truths):
            for column, name in enumerate(found):
                if names[true] == name:
                    similarity[row, column] = rng.uniform(0.4, 1)
        frames.append(TrackedFrame(truths, found, similarity))
    return TrackedSequence(frames)


@pytest.mark.parametrize('seed', REFERENCE)
def test_all_metrics_are_those_of_the_reference_implementation(seed):
    sequence = random_sequence(seed)
    clear, names, both = clear_mot(sequence), identity(sequence), hota(sequence)
    found = clear.mota, clear.motp, clear.switches, clear.misses, clear.false_alarms, names.idf1
    assert (*found, both.hota, both.detection, both.associated) == pytest.approx(REFERENCE[seed], abs=1e-6)
