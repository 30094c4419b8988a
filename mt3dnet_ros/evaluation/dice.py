"""The Dice coefficient."""

from __future__ import annotations

import numpy as np


def binary_dice(prediction: np.ndarray, truth: np.ndarray) -> float:
    """Return 2 |A and B| / (|A| + |B|) of two masks of equal shape; 1 where both are empty.

    :raises ValueError: the shapes differ
    """
    if prediction.shape != truth.shape:
        raise ValueError(f'the masks have shapes {prediction.shape} and {truth.shape}; resize the prediction first')
    a, b = prediction.astype(bool), truth.astype(bool)
    total = int(a.sum()) + int(b.sum())
    return 1.0 if total == 0 else 2.0 * int((a & b).sum()) / total
