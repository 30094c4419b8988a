"""Sequences of consecutive frames in a set of frames, and windows of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mt3dnet_ros.datasets.frames import DatasetError, FrameSet, LabelledFrame
from mt3dnet_ros.errors import InputError

_VIDEO_FRAME = re.compile(r'(.+)/f(?:rame)?(\d+)')  # all other names are those of stills


@dataclass(frozen=True)
class FrameSequence:
    """Frames that follow one another without a gap.

    :param name: such as ``instrument_dataset_1`` or ``test/s0003``; shared by the pieces before and after a gap
    :param indices: of the frames in their set, in order of time
    """

    name: str
    indices: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.indices)


def find_sequences(names: Iterable[str]) -> tuple[FrameSequence, ...]:
    """Return the sequences among frames, in the order in which they begin.

    Frames of a sequence are named ``<sequence>/frame<number>`` or ``<sequence>/f<number>``. Where a number is missing,
    one sequence ends and another begins. Stills, whose names are others, belong to none.
    """
    numbered: dict[str, list[tuple[int, int]]] = {}
    for index, name in enumerate(names):
        if match := _VIDEO_FRAME.fullmatch(name):
            numbered.setdefault(match[1], []).append((int(match[2]), index))
    return tuple(
        FrameSequence(name, tuple(index for _, index in piece))
        for name, frames in numbered.items()
        for piece in _without_gaps(sorted(frames))
    )


def windows(sequences: Iterable[FrameSequence], length: int, step: int = 1) -> tuple[tuple[int, ...], ...]:
    """Return the indices of each window of consecutive frames; none reaches over the end of its sequence.

    :param length: frames in a window
    :param step: frames from the start of a window to that of the next
    """
    if length < 1 or step < 1:
        raise InputError(f'windows of {length} frames, {step} apart, cannot be made; give 1 or more of both')
    return tuple(
        sequence.indices[start : start + length]
        for sequence in sequences
        for start in range(0, len(sequence) - length + 1, step)
    )


def read_window(frames: FrameSet, window: Iterable[int]) -> tuple[LabelledFrame, ...]:
    """Read the frames of a window, in order."""
    return tuple(frames[index] for index in window)


def require_sequences_of(names: Iterable[str], length: int = 2) -> tuple[FrameSequence, ...]:
    """Return the sequences of at least some frames.

    :raises DatasetError: there are none
    """
    long_enough = tuple(sequence for sequence in find_sequences(names) if len(sequence) >= length)
    if not long_enough:
        raise DatasetError(
            f'there are no {length} consecutive frames; take a data set of videos, or render sequences with `mt3dnet '
            'render --frames-per-sequence`'
        )
    return long_enough


def _without_gaps(frames: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    pieces: list[list[tuple[int, int]]] = []
    for number, index in frames:
        if not pieces or number != pieces[-1][-1][0] + 1:
            pieces.append([])
        pieces[-1].append((number, index))
    return pieces
