"""Dice on labels small enough to count by hand, and against a count of masks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.metrics import dice
from mt3dnet_ros.metrics.confusion import count_pairs

TRUTH = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 3])
SEEN = np.array([0, 0, 0, 1, 1, 2, 2, 2, 0, 0])
COUNTS = count_pairs(SEEN, TRUTH, 5)


def dice_of_masks(seen, truth):
    return 2 * int((seen & truth).sum()) / (int(seen.sum()) + int(truth.sum()))


def test_each_class_is_the_dice_of_its_masks():
    by_hand = [2 * 3 / (5 + 4), 2 * 1 / (2 + 2), 2 * 2 / (3 + 3), 0.0]
    assert dice.dice_per_class(COUNTS)[:4] == pytest.approx(by_hand)
    masks = [(np.equal(SEEN, label), np.equal(TRUTH, label)) for label in range(4)]
    assert by_hand == pytest.approx([dice_of_masks(*pair) for pair in masks])


def test_a_class_that_is_nowhere_has_no_dice():
    assert math.isnan(dice.dice_per_class(COUNTS)[4])


def test_micro_over_all_classes_is_the_pixel_accuracy():
    assert dice.dice_micro(COUNTS) == pytest.approx(0.6) == pytest.approx((SEEN == TRUTH).mean())


def test_micro_over_instruments_counts_wrong_types_twice():
    # TP 1 + 2; FP: one of class 1, one of class 2; FN: one of class 1, one of class 2, one of class 3.
    assert dice.dice_micro_instruments(COUNTS) == pytest.approx(2 * 3 / (2 * 3 + 2 + 3))


def test_macro_is_the_mean_over_instruments_that_the_truth_shows():
    assert dice.dice_macro(COUNTS) == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)


def test_macro_ignores_a_class_that_is_only_predicted():
    assert dice.dice_macro(count_pairs(np.array([1, 2]), np.array([1, 0]), 3)) == 1.0


def test_binary_ignores_the_type():
    assert dice.dice_binary(COUNTS) == pytest.approx(dice_of_masks(SEEN > 0, TRUTH > 0))


def test_ternaus_dice_does_not_see_confusion_with_the_background():
    blind = count_pairs(np.array([0, 1, 1]), np.array([1, 1, 0]), 3)
    assert dice.dice_per_class(blind)[1] == pytest.approx(0.5)
    assert dice.dice_ternaus_per_class(blind).tolist() == [1.0, 0.0], 'an absent class scores 0'
    assert dice.dice_ternaus(blind) == 0.5


def test_ternaus_dice_by_hand():
    # Without background: of class 1 one right and one taken for 2; of class 2 two right; nothing of 3 and 4.
    expected = [2 * 1 / (2 + 1), 2 * 2 / (2 + 3), 0.0, 0.0]
    assert dice.dice_ternaus_per_class(COUNTS) == pytest.approx(expected)
    assert dice.dice_ternaus(COUNTS) == pytest.approx(sum(expected) / 4)


def test_without_instruments_there_is_no_dice_of_them():
    background = count_pairs(np.zeros(4, int), np.zeros(4, int), 3)
    assert dice.dice_micro(background) == 1.0
    for function in (dice.dice_micro_instruments, dice.dice_macro, dice.dice_binary):
        assert math.isnan(function(background))
