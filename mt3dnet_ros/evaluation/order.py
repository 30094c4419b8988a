"""The order in which frames are evaluated: those of a sequence one after the other, as a camera would send them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.sequences import FrameSequence, find_sequences
from mt3dnet_ros.errors import InputError

_FRAME_TIME = 100_000_000  # nanoseconds; any time below a gap does, since no network reads it


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


def in_order(names: Sequence[str], limit: int | None = None, single_frames: bool = False) -> list[EvaluationStep]:
    """Return the steps of an evaluation over time; stills, which belong to no sequence, come last.

    :param names: of all frames
    :param limit: number of frames, 1 or more: those of whole sequences, as far as it reaches, evenly spread over all
    :param single_frames: the network must not remember anything from one frame to the next
    """
    sequences = find_sequences(names)
    attached = {index for sequence in sequences for index in sequence.indices}
    pieces = [*sequences, *(FrameSequence('', (index,)) for index in range(len(names)) if index not in attached)]
    if limit is not None:
        wanted = round(limit * len(pieces) / len(names))
        pieces = [pieces[place] for place in spread(len(pieces), max(1, wanted))]
    steps = [step for piece in pieces for step in _steps_of(piece, single_frames)]
    return steps[:limit]


def spread(count: int, limit: int | None) -> list[int]:
    """Return the indices of at most ``limit`` of ``count`` frames, evenly spread.

    :raises ValueError: the limit is not positive
    """
    if limit is None:
        return list(range(count))
    if limit < 1:
        raise InputError(f'limit {limit} must be 1 or more')
    return sorted(set(np.linspace(0, count - 1, min(limit, count)).round().astype(int).tolist()))


def _steps_of(sequence: FrameSequence, single_frames: bool) -> list[EvaluationStep]:
    independent = single_frames or not sequence.name
    return [
        EvaluationStep(index, sequence.name, place > 0, 0 if independent else (place + 1) * _FRAME_TIME)
        for place, index in enumerate(sequence.indices)
    ]
