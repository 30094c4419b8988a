"""The order in which frames are evaluated: those of a sequence one after the other, as a camera would send them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.frames import FrameSet
from mt3dnet_ros.datasets.sequences import FrameSequence, find_sequences
from mt3dnet_ros.errors import InputError

_STILLS = 4  # of a piece
FRAME_TIME = 100_000_000  # nanoseconds, where a data set does not say its rate; no network reads it


class EvaluationStep(NamedTuple):
    """One frame of an evaluation.

    :param frame: index of the frame in its set
    :param sequence: that it belongs to; empty for a still
    :param follows: whether the step before was the frame before it
    :param stamp: nanoseconds since just before its sequence began; 0 for a frame without a sequence
    """

    frame: int
    sequence: str = ''
    follows: bool = False
    stamp: int = 0


STILL = EvaluationStep(0)


def in_order(
    names: Sequence[str], limit: int | None = None, single_frames: bool = False, frame_time: int = FRAME_TIME
) -> list[EvaluationStep]:
    """Return the steps of an evaluation over time; stills, which belong to no sequence, come last.

    :param names: of all frames
    :param limit: number of frames, 1 or more: those of whole sequences, as far as it reaches, evenly spread over all
    :param single_frames: the network must not remember anything from one frame to the next
    :param frame_time: nanoseconds from one frame of a sequence to the next
    """
    sequences = find_sequences(names)
    attached = {index for sequence in sequences for index in sequence.indices}
    pieces = [*sequences, *(FrameSequence('', (index,)) for index in range(len(names)) if index not in attached)]
    if limit is not None:
        wanted = round(limit * len(pieces) / len(names))
        pieces = [pieces[place] for place in spread(len(pieces), max(1, wanted))]
    steps = [step for piece in pieces for step in _steps_of(piece, single_frames, frame_time)]
    return steps[:limit]


def in_pieces(steps: Sequence[EvaluationStep]) -> list[list[EvaluationStep]]:
    """Return the steps in pieces that know nothing of each other: a sequence each, or a few stills."""
    pieces: list[list[EvaluationStep]] = []
    for step in steps:
        if step.follows or (pieces and _is_still(step) and _has_room(pieces[-1])):
            pieces[-1].append(step)
        else:
            pieces.append([step])
    return pieces


def _is_still(step: EvaluationStep) -> bool:
    return not step.sequence


def _has_room(piece: Sequence[EvaluationStep]) -> bool:
    return len(piece) < _STILLS and all(map(_is_still, piece))


def frame_time_of(frames: FrameSet) -> int:
    """Return the nanoseconds from one frame of a data set's sequences to the next."""
    rate = getattr(frames, 'rate', None)
    return round(1e9 / rate) if rate else FRAME_TIME


def spread(count: int, limit: int | None) -> list[int]:
    """Return the indices of at most ``limit`` of ``count`` frames, evenly spread.

    :raises ValueError: the limit is not positive
    """
    if limit is None:
        return list(range(count))
    if limit < 1:
        raise InputError(f'limit {limit} must be 1 or more')
    return sorted(set(np.linspace(0, count - 1, min(limit, count)).round().astype(int).tolist()))


def _steps_of(sequence: FrameSequence, single_frames: bool, frame_time: int) -> list[EvaluationStep]:
    independent = single_frames or not sequence.name
    return [
        EvaluationStep(index, sequence.name, place > 0, 0 if independent else (place + 1) * frame_time)
        for place, index in enumerate(sequence.indices)
    ]
