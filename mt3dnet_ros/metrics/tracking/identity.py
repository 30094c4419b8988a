"""IDF1: for how much of the time each thing has its one right name (Ristani et al., ECCV workshops, 2016)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.metrics.tracking.sequence import TrackedSequence

with needs_extra('evaluate'):
    from scipy.optimize import linear_sum_assignment


class IdentityCounts(NamedTuple):
    """What was counted over some frames; counts of several sequences are added.

    :param right: things found that have the id which is their true one's over the whole sequence
    :param truths: true things
    :param found: things found
    """

    right: int = 0
    truths: int = 0
    found: int = 0

    def plus(self, other: IdentityCounts) -> IdentityCounts:
        """Return the counts of both together."""
        return IdentityCounts(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def idf1(self) -> float:
        """2 right / (true + found); NaN where there is nothing."""
        total = self.truths + self.found
        return 2.0 * self.right / total if total else float('nan')


def identity(sequence: TrackedSequence, least: float = 0.5) -> IdentityCounts:
    """Give each true id the one found id, at most, so that most things are right over the whole sequence.

    :param least: similarity from which on a pair can be one
    """
    together = np.zeros(sequence.shape, int)
    for frame, rows, columns in zip(sequence.frames, sequence.rows, sequence.columns, strict=True):
        alike = frame.similarity >= least
        together[rows[:, None], columns] += alike
    right = together[linear_sum_assignment(together, maximize=True)].sum()
    return IdentityCounts(int(right), sequence.true_count, sequence.found_count)
