"""HOTA: finding and naming in one number (Luiten et al., Int. J. Computer Vision 129, 2021)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.metrics.tracking.sequence import TrackedSequence

with needs_extra('evaluate'):
    from scipy.optimize import linear_sum_assignment

ALPHAS = np.arange(1, 20) / 20.0
"""Similarities from which on a pair counts as found: 0.05, 0.1, ... 0.95."""


class HotaCounts(NamedTuple):
    """What was counted over some frames, for each of ``ALPHAS``; counts of several sequences are added.

    :param found: true things that were found
    :param misses: those that were not
    :param false_alarms: things found that are none
    :param association: sum, over what was found, of how well its id and the true one go together over all frames
    """

    found: np.ndarray
    misses: np.ndarray
    false_alarms: np.ndarray
    association: np.ndarray

    def plus(self, other: HotaCounts) -> HotaCounts:
        """Return the counts of both together."""
        return HotaCounts(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def detection(self) -> float:
        """DetA, mean over ``ALPHAS``."""
        return float(self._detection.mean())

    @property
    def associated(self) -> float:
        """AssA, mean over ``ALPHAS``."""
        return float(self._association.mean())

    @property
    def hota(self) -> float:
        """Mean over ``ALPHAS`` of sqrt(DetA AssA); 0 where there is nothing."""
        return float(np.sqrt(self._detection * self._association).mean())

    @property
    def _detection(self) -> np.ndarray:
        return np.asarray(self.found / np.maximum(self.found + self.misses + self.false_alarms, 1))

    @property
    def _association(self) -> np.ndarray:
        return np.asarray(self.association / np.maximum(self.found, 1))


def hota(sequence: TrackedSequence) -> HotaCounts:
    """Count over a sequence."""
    true_counts, found_counts = sequence.counts()
    together = _together(sequence)
    alignment = together / np.maximum(true_counts[:, None] + found_counts - together, 1e-9)
    matches = np.zeros((len(ALPHAS), *sequence.shape))
    for frame, rows, columns in zip(sequence.frames, sequence.rows, sequence.columns, strict=True):
        scores = alignment[rows[:, None], columns] * frame.similarity
        chosen = linear_sum_assignment(scores, maximize=True)
        alike = frame.similarity[chosen] >= ALPHAS[:, None] - np.finfo(float).eps
        matches[:, rows[chosen[0]], columns[chosen[1]]] += alike
    found = matches.sum(axis=(1, 2))
    jaccard = matches / np.maximum(true_counts[:, None] + found_counts - matches, 1)
    association = (matches * jaccard).sum(axis=(1, 2))
    return HotaCounts(found, sequence.true_count - found, sequence.found_count - found, association)


def _together(sequence: TrackedSequence) -> np.ndarray:
    """Return, for each true and found id, for how many frames they were alike, each frame by how much."""
    together = np.zeros(sequence.shape)
    for frame, rows, columns in zip(sequence.frames, sequence.rows, sequence.columns, strict=True):
        similarity = frame.similarity
        others = similarity.sum(axis=0) + similarity.sum(axis=1)[:, None] - similarity
        together[rows[:, None], columns] += np.divide(similarity, others, where=others > 0, out=np.zeros(others.shape))
    return together
