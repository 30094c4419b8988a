"""What the metrics of tracking compare: true ids and found ids of the frames of a sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np


class TrackedFrame(NamedTuple):
    """One frame.

    :param truths: ids of the true things in view
    :param found: ids of the things that were found
    :param similarity: (truths, found) in [0, 1], such as the IoU of their masks
    """

    truths: Sequence[int]
    found: Sequence[int]
    similarity: np.ndarray


class TrackedSequence:
    """The frames of a sequence, with ids numbered from 0.

    :param frames: in order of time; ids are the sequence's own
    """

    def __init__(self, frames: Iterable[TrackedFrame]) -> None:
        self.frames = [frame._replace(similarity=_shaped(frame)) for frame in frames]
        self.true_ids = sorted({number for frame in self.frames for number in frame.truths})
        self.found_ids = sorted({number for frame in self.frames for number in frame.found})
        true_places, found_places = ({n: k for k, n in enumerate(ids)} for ids in (self.true_ids, self.found_ids))
        self.rows = [np.array([true_places[number] for number in frame.truths], np.intp) for frame in self.frames]
        self.columns = [np.array([found_places[number] for number in frame.found], np.intp) for frame in self.frames]

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of true and of found ids."""
        return len(self.true_ids), len(self.found_ids)

    @property
    def true_count(self) -> int:
        """Number of true things over all frames."""
        return sum(map(len, self.rows))

    @property
    def found_count(self) -> int:
        """Number of found things over all frames."""
        return sum(map(len, self.columns))

    def counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the number of frames of each true id and of each found id."""
        return _counted(self.rows, self.shape[0]), _counted(self.columns, self.shape[1])


def _shaped(frame: TrackedFrame) -> np.ndarray:
    return np.asarray(frame.similarity, np.float64).reshape(len(frame.truths), len(frame.found))


def _counted(places: list[np.ndarray], size: int) -> np.ndarray:
    return np.bincount(np.concatenate([np.zeros(0, np.intp), *places]), minlength=size)
