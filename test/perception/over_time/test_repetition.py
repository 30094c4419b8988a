"""Pictures that are repeated are no live ones; noise, however small, makes them live."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.over_time.repetition import FrozenPicture, Repetition

SECOND = 1_000_000_000


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (200, 260, 3), np.uint8)


def test_only_a_picture_that_was_there_is_a_repetition() -> None:
    repeats = Repetition()
    assert [repeats(Frame(picture(seed))) for seed in (0, 0, 1, 1, 0, 2, 3, 0)] == [
        False, True, False, True, True, False, False, False,
    ]  # fmt: skip


def test_a_single_sample_that_differs_makes_another_picture() -> None:
    repeats, other = Repetition(), picture(0)
    repeats(Frame(picture(0)))
    other[101, 133, 1] ^= 1  # not one of the samples that are looked at first
    assert not repeats(Frame(other))


def test_another_size_is_another_picture() -> None:
    repeats = Repetition()
    repeats(Frame(np.zeros((20, 20, 3), np.uint8)))
    assert not repeats(Frame(np.zeros((20, 21, 3), np.uint8)))


def test_time_counts_from_the_first_repetition_by_the_stamps() -> None:
    frozen = FrozenPicture()
    seconds = [frozen(Frame(picture(seed), stamp * SECOND)) for seed, stamp in ((0, 1), (0, 2), (0, 4), (1, 5), (1, 6))]
    assert seconds == pytest.approx([0.0, 0.0, 2.0, 0.0, 0.0])


def test_both_fields_of_a_picture_that_stands_may_take_turns() -> None:
    frozen = FrozenPicture()
    seconds = [frozen(Frame(picture(number % 2), (number + 1) * SECOND)) for number in range(6)]
    assert seconds == pytest.approx([0.0, 0.0, 0.0, 1.0, 2.0, 3.0])


def test_a_frame_without_a_stamp_belongs_to_no_stream() -> None:
    frozen = FrozenPicture()
    assert [frozen(Frame(picture(0))) for _ in range(3)] == [0.0, 0.0, 0.0]


def test_after_forgetting_the_picture_is_new() -> None:
    frozen = FrozenPicture()
    for stamp in (1, 2, 3):
        frozen(Frame(picture(0), stamp * SECOND))
    frozen.forget()
    assert [frozen(Frame(picture(0), stamp * SECOND)) for stamp in (4, 5)] == [0.0, 0.0]
