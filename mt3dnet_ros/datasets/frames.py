"""What every data set hands out: frames with the labels that it has, at the image's own resolution."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.metrics.confusion import IGNORED as IGNORED
from mt3dnet_ros.perception.taxonomy import Taxonomy

Entry = TypeVar('Entry')


class DatasetError(MT3DNetError, ValueError):
    """A data set's folder is not laid out as it must be."""


class DatasetWarning(UserWarning):
    """Something of a data set that can be worked with, and that a person should know."""


@dataclass(frozen=True)
class LabelledFrame:
    """One frame and its labels; a kind of label that the data set does not have is None.

    :param name: unique in its data set, fit for a file's path without suffix, such as ``seq_2/frame000``
    :param image: (H, W, 3) uint8 RGB
    :param types: (H, W) uint8 ids of the data set's taxonomy, ``IGNORED`` where unlabelled
    :param parts: (H, W) uint8 ids of the taxonomy ``parts``, ``IGNORED`` where unlabelled
    :param instances: (H, W) uint8, 1 for the first instrument, 0 for none
    :param depth: (H, W) float32 metres along the optical axis, 0 where unknown
    :param camera: of the image; None where the data set has no calibration
    """

    name: str
    image: np.ndarray
    types: np.ndarray | None = None
    parts: np.ndarray | None = None
    instances: np.ndarray | None = None
    depth: np.ndarray | None = None
    camera: Camera | None = None


class FrameSet(Protocol):
    """Frames of one split, read when they are asked for; all of one size within a data set."""

    taxonomy: Taxonomy | None
    """Numbering of ``LabelledFrame.types``; None where the data set has no types."""

    @property
    def names(self) -> Sequence[str]:
        """The frames' names, in order."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> LabelledFrame:
        """Read one frame.

        :raises DatasetError: a file is missing, damaged or of another type or size than documented
        """

    def __iter__(self) -> Iterator[LabelledFrame]:
        """Read the frames one by one, in order."""


class IterableFrames(ABC):
    """Frames that a loop reads one by one, in order."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, index: int) -> LabelledFrame: ...

    def __iter__(self) -> Iterator[LabelledFrame]:
        return (self[index] for index in range(len(self)))


class ListedFrames(IterableFrames, Generic[Entry]):
    """A FrameSet whose frames are listed first and read one by one.

    :param entries: what is known of each frame before it is read, such as the paths of its files, by the frames' names
    :param taxonomy: numbering of the types; None where there are none
    :raises DatasetError: there are no frames
    """

    def __init__(self, entries: Mapping[str, Entry], taxonomy: Taxonomy | None) -> None:
        if not entries:
            raise DatasetError('the data set has no frames; is this its folder, and are its archives unpacked?')
        self.taxonomy = taxonomy
        self.names = tuple(entries)
        self._entries = tuple(entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> LabelledFrame:
        return self._read(self.names[index], self._entries[index])

    @abstractmethod
    def _read(self, name: str, entry: Entry) -> LabelledFrame: ...


class MappedFrames(IterableFrames):
    """The frames of another FrameSet, under the same names, each changed by ``_map``."""

    def __init__(self, frames: FrameSet) -> None:
        self.taxonomy = frames.taxonomy
        self._frames = frames

    @property
    def names(self) -> Sequence[str]:
        """The frames' names, in order."""
        return self._frames.names

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> LabelledFrame:
        return self._map(self._frames[index])

    @abstractmethod
    def _map(self, frame: LabelledFrame) -> LabelledFrame: ...
