"""Dice coefficients, 2 TP / (2 TP + FP + FN), of a confusion matrix.

Rows are true classes, columns predicted ones, 0 is the background. One word, many numbers: each function says over what
it sums. All return NaN where there is nothing to count.
"""

from __future__ import annotations

import numpy as np


def dice_per_class(counts: np.ndarray) -> np.ndarray:
    """Return the Dice coefficient of each class, (C,); NaN where a class is neither true nor predicted."""
    return _ratio(2.0 * counts.diagonal(), counts.sum(axis=0) + counts.sum(axis=1))


def dice_micro(counts: np.ndarray) -> float:
    """Return Dice summed over all classes, the background among them: this is the pixel accuracy.

    Each wrong pixel is one class's FP and another's FN, so that 2 TP / (2 TP + FP + FN) = TP / pixels. Background,
    which covers most of a frame, dominates it.
    """
    return _ratio(counts.trace(), counts.sum()).item()


def dice_micro_instruments(counts: np.ndarray) -> float:
    """Return Dice summed over all classes but the background."""
    hits = 2.0 * counts.diagonal()[1:].sum()
    return _ratio(hits, counts[1:].sum() + counts[:, 1:].sum()).item()


def dice_macro(counts: np.ndarray) -> float:
    """Return the mean Dice over the classes that the truth shows, background aside."""
    return mean_or_nan(dice_per_class(counts)[1:][counts.sum(axis=1)[1:] > 0])


def dice_binary(counts: np.ndarray) -> float:
    """Return the Dice of instrument against background, whatever the class."""
    hits = 2.0 * counts[1:, 1:].sum()
    return _ratio(hits, counts[1:].sum() + counts[:, 1:].sum()).item()


def dice_ternaus_per_class(counts: np.ndarray) -> np.ndarray:
    """Return Dice as the released code of TernausNet, LWL and ST-MTL does, (C - 1,), without the background.

    Row and column of the background are dropped first. An instrument taken for background, or background for an
    instrument, is thus not seen: not comparable with true Dice. A class that is nowhere scores 0.
    """
    return np.nan_to_num(dice_per_class(counts[1:, 1:]))


def dice_ternaus(counts: np.ndarray) -> float:
    """Return the mean of ``dice_ternaus_per_class``."""
    return mean_or_nan(dice_ternaus_per_class(counts))


def mean_or_nan(values: np.ndarray) -> float:
    """Return the mean; NaN, without a warning, of nothing."""
    return float(values.mean()) if values.size else float('nan')


def _ratio(numerator: np.ndarray | float, denominator: np.ndarray) -> np.ndarray:
    with np.errstate(invalid='ignore'):
        return np.asarray(np.true_divide(numerator, denominator))
