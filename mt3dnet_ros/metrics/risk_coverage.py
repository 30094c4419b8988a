"""Risk and coverage of an answer that may be withheld: how much is said, and how much of that is wrong."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.errors import InputError


class RiskCoverage(NamedTuple):
    """Answers whose confidence reaches a threshold, by that threshold (Geifman & El-Yaniv, NeurIPS 2017).

    :param threshold: (n,) the confidences that occur, the largest first
    :param coverage: (n,) share of all answers that are given
    :param risk: (n,) share of the given answers that are wrong
    """

    threshold: np.ndarray
    coverage: np.ndarray
    risk: np.ndarray

    def area(self) -> float:
        """Return AURC, the mean of the risk over the answers as they are added one by one; NaN without answers.

        Geifman, Uziel & El-Yaniv, Bias-Reduced Uncertainty Estimation, ICLR 2019, equation 1; answers of equal
        confidence are added together, and all have the risk after that.
        """
        added = np.diff(self.coverage, prepend=0.0)
        return float(added @ self.risk) if len(self.risk) else float('nan')

    def at(self, threshold: float) -> tuple[float, float]:
        """Return coverage and risk of the answers whose confidence reaches a threshold; the risk of none is NaN."""
        given = int(np.count_nonzero(self.threshold >= threshold))
        return (float(self.coverage[given - 1]), float(self.risk[given - 1])) if given else (0.0, float('nan'))


def risk_coverage(confidence: np.ndarray, right: np.ndarray) -> RiskCoverage:
    """Return the curve of some answers.

    :param confidence: (n,) of each answer
    :param right: (n,) bool, whether it is right
    :raises InputError: there are not as many of both
    """
    if confidence.shape != right.shape:
        raise InputError(f'{len(confidence)} confidences do not belong to {len(right)} answers; give as many of both')
    order = np.argsort(-confidence, kind='stable')
    levels, wrong = confidence[order], np.cumsum(~right[order])
    last = np.flatnonzero(np.diff(levels, append=-np.inf))  # of each group of equal confidences
    given = last + 1.0
    return RiskCoverage(levels[last], given / max(len(levels), 1), wrong[last] / given)
