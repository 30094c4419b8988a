"""CLEAR MOT: misses, false alarms and switches of identity (Bernardin and Stiefelhagen, EURASIP J. IVP, 2008)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.metrics.tracking.sequence import TrackedSequence

with needs_extra('evaluate'):
    from scipy.optimize import linear_sum_assignment

_KEPT = 1000.0  # a pair of the frame before goes on wherever it can


class ClearCounts(NamedTuple):
    """What was counted over some frames; counts of several sequences are added.

    :param truths: true things
    :param misses: those that were not found
    :param false_alarms: things found that are none
    :param switches: true things that are found under another id than they were found before
    :param similarity: sum over what was found
    """

    truths: int = 0
    misses: int = 0
    false_alarms: int = 0
    switches: int = 0
    similarity: float = 0.0

    def plus(self, other: ClearCounts) -> ClearCounts:
        """Return the counts of both together."""
        return ClearCounts(
            self.truths + other.truths,
            self.misses + other.misses,
            self.false_alarms + other.false_alarms,
            self.switches + other.switches,
            self.similarity + other.similarity,
        )

    @property
    def mota(self) -> float:
        """1 - (misses + false alarms + switches) / true things; NaN without true things."""
        return 1.0 - (self.misses + self.false_alarms + self.switches) / self.truths if self.truths else float('nan')

    @property
    def motp(self) -> float:
        """Mean similarity of what was found; NaN of nothing."""
        found = self.truths - self.misses
        return self.similarity / found if found else float('nan')


def clear_mot(sequence: TrackedSequence, least: float = 0.5) -> ClearCounts:
    """Count over a sequence.

    :param least: similarity from which on a pair can be one
    """
    last = np.full(sequence.shape[0], -1)  # found id of each true one, when it was found last
    before = last.copy()  # likewise, in the frame before only
    total = ClearCounts()
    for frame, rows, columns in zip(sequence.frames, sequence.rows, sequence.columns, strict=True):
        pairs = _pairs(frame.similarity, before[rows, None] == columns, least)
        now = np.full_like(before, -1)
        switches, similarity = 0, 0.0
        for row, column in pairs:
            true, found = rows[row], columns[column]
            switches += last[true] not in (-1, found)
            similarity += frame.similarity[row, column]
            last[true] = now[true] = found
        matched = int((now >= 0).sum())
        total = total.plus(ClearCounts(len(rows), len(rows) - matched, len(columns) - matched, switches, similarity))
        before = now
    return total


def _pairs(similarity: np.ndarray, kept: np.ndarray, least: float) -> Iterable[tuple[int, int]]:
    scores = np.where(similarity >= least, similarity + _KEPT * kept, 0.0)
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return [(r, c) for r, c in zip(rows, columns, strict=True) if scores[r, c] > 0.0]
