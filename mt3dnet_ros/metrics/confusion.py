"""The confusion matrix, from which every Dice coefficient and IoU is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from mt3dnet_ros.errors import InputError

IGNORED = 255  # the label of pixels that were not labelled; they are not counted


class Confusion:
    """Pixels counted by true class (row) and predicted class (column); class 0 is the background.

    :param classes: number of classes, the background included
    """

    def __init__(self, classes: int) -> None:
        self.counts = np.zeros((classes, classes), np.int64)

    def update(self, prediction: Any, target: Any) -> None:
        """Add frames; see ``count_pairs``."""
        self.counts += count_pairs(prediction, target, len(self.counts))


def count_pairs(prediction: Any, target: Any, classes: int) -> np.ndarray:
    """Return how many pixels of each true class (row) were predicted as each class (column).

    :param prediction: class ids, an array or a tensor of the CPU (and ``target``, of equal shape); where the target is
        ``IGNORED`` the pixel is not counted
    :returns: (classes, classes) int64
    :raises ValueError: the shapes differ or an id is out of range
    """
    prediction, target = np.asarray(prediction), np.asarray(target)
    if prediction.shape != target.shape:
        raise InputError(f'labels have shapes {prediction.shape} and {target.shape}; resize the prediction first')
    known = target != IGNORED
    rows, columns = target[known].astype(np.intp), prediction[known]
    for name, ids in (('target', rows), ('prediction', columns)):
        if ids.size and (ids.min() < 0 or ids.max() >= classes):
            raise InputError(f'{name} has class ids from {ids.min()} to {ids.max()}; 0 to {classes - 1} are possible')
    return np.bincount(rows * classes + columns, minlength=classes**2).reshape(classes, classes)


def fold(counts: np.ndarray, classes: int) -> np.ndarray:
    """Return the counts of the first classes, with what was predicted as a later one counted as background."""
    folded = counts[:classes, :classes].copy()
    folded[:, 0] += counts[:classes, classes:].sum(axis=1)
    return folded
