"""Frames that are listed at once, and read one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame
from mt3dnet_ros.perception.taxonomy import Taxonomy

Entry = TypeVar('Entry')


class ListedFrames(ABC, Generic[Entry]):
    """A FrameSet over what is known of each frame before it is read, such as the paths of its files.

    :param entries: by the frames' names
    :param taxonomy: numbering of the types; None where there are none
    """

    def __init__(self, entries: Mapping[str, Entry], taxonomy: Taxonomy | None) -> None:
        self.taxonomy = taxonomy
        self.names = tuple(entries)
        self._entries = tuple(entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> LabelledFrame:
        return self._read(self.names[index], self._entries[index])

    @abstractmethod
    def _read(self, name: str, entry: Entry) -> LabelledFrame: ...


def require_sequences(root: Path, split: str, wanted: Iterable[int], found: Iterable[int]) -> None:
    """Check that all sequences of a split are there: scores on a part of it would pass for scores on the whole.

    :raises DatasetError: some are missing
    """
    present = sorted(set(found))
    if missing := [number for number in wanted if number not in present]:
        raise DatasetError(
            f"'{root}' has no frames of the sequences {', '.join(map(str, missing))} of split {split} "
            f'(it has {", ".join(map(str, present)) or "none"}); fetch them, see docs/train/datasets.md for the layout'
        )
