"""How sure a mean over frames is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """The bounds between which a mean lies; NaN where there are too few groups to tell."""

    low: float
    high: float


def bootstrap_interval(
    values: np.ndarray, groups: Sequence[str], confidence: float = 0.95, draws: int = 2000, seed: int = 0
) -> Interval:
    """Return the percentile interval of the mean by the cluster bootstrap (Efron 1979; Field and Welsh 2007).

    Frames of one sequence resemble each other, so whole sequences are drawn; single frames would look far too sure.

    :param values: (N,), NaN counts nowhere
    :param groups: of each value, such as its sequence
    """
    known = ~np.isnan(values)
    _, group = np.unique(np.asarray(groups)[known], return_inverse=True)
    sums, counts = np.bincount(group, values[known]), np.bincount(group)
    if len(counts) < 2:
        return Interval(float('nan'), float('nan'))
    drawn = np.random.default_rng(seed).integers(len(counts), size=(draws, len(counts)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    return Interval(float(low), float(high))
