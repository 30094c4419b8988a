"""Pixels counted by true and predicted class."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.metrics.confusion import Confusion, fold

TRUTH = np.array([[0, 0, 1], [2, 2, IGNORED]], np.uint8)
SEEN = np.array([[0, 1, 1], [2, 1, 2]], np.uint8)


@pytest.mark.parametrize('kind', [np.asarray, torch.from_numpy])
def test_rows_are_true_classes_and_unlabelled_pixels_are_left_out(kind):
    confusion = Confusion(3)
    confusion.update(kind(SEEN), kind(TRUTH))
    assert confusion.counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 1]]


def test_frames_add_up():
    confusion = Confusion(3)
    for _ in range(2):
        confusion.update(SEEN, TRUTH)
    assert confusion.counts.sum() == 10 and confusion.counts.dtype == np.int64


@pytest.mark.parametrize(('wrong', 'problem'), [(SEEN + 2, 'class ids from 2 to 4'), (SEEN[:1], 'shapes')])
def test_labels_that_do_not_fit_are_refused(wrong, problem):
    with pytest.raises(ValueError, match=problem):
        Confusion(3).update(wrong, TRUTH)


def test_folding_takes_later_classes_for_background():
    counts = np.array([[5, 0, 1], [2, 3, 4], [0, 0, 0]])
    assert fold(counts, 2).tolist() == [[6, 0], [6, 3]]
