"""From one numbering of classes to another, by the names of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED, FrameSet, LabelledFrame
from mt3dnet_ros.perception.taxonomy import Taxonomy, load_taxonomy, plain_name

_REST = 'other'


@lru_cache
def packaged_taxonomy(name: str) -> Taxonomy:
    """Return a taxonomy of ``config/labels``, read once: readers need it at every frame."""
    return load_taxonomy(name)


def id_table(source: Taxonomy, target: Taxonomy) -> np.ndarray:
    """Return the target's id of each of the source's, (256,) uint8: ``table[labels]`` renumbers a label image.

    A class that the target does not name becomes its class 'other'; where it has none, ``IGNORED``.
    """
    ids = {plain_name(label.name): label.id for label in target.classes}
    table = np.full(IGNORED + 1, IGNORED, np.uint8)
    for label in source.classes:
        table[label.id] = ids.get(plain_name(label.name), ids.get(_REST, IGNORED))
    table[0] = 0  # the background is 0 everywhere
    return table


class Renumbered:
    """Frames whose types are given in another numbering.

    :param frames: frames with types
    :param taxonomy: the numbering wanted
    :raises ValueError: the frames have no types
    """

    def __init__(self, frames: FrameSet, taxonomy: Taxonomy) -> None:
        if frames.taxonomy is None:
            raise ValueError(f'frames without types cannot be numbered as {taxonomy.name}')
        self.taxonomy: Taxonomy | None = taxonomy
        self._frames = frames
        self._table = id_table(frames.taxonomy, taxonomy)

    @property
    def names(self) -> Sequence[str]:
        """The frames' names, in order."""
        return self._frames.names

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> LabelledFrame:
        frame = self._frames[index]
        return frame if frame.types is None else replace(frame, types=self._table[frame.types])
