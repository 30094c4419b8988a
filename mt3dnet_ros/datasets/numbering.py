"""From one numbering of classes to another, by the names of the classes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED, FrameSet, LabelledFrame, MappedFrames
from mt3dnet_ros.errors import InputError
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


class Renumbered(MappedFrames):
    """Frames whose types are given in another numbering.

    :param frames: frames with types
    :param taxonomy: the numbering wanted
    :raises ValueError: the frames have no types
    """

    def __init__(self, frames: FrameSet, taxonomy: Taxonomy) -> None:
        if frames.taxonomy is None:
            raise InputError(f'frames without types cannot be numbered as {taxonomy.name}')
        super().__init__(frames)
        self.taxonomy = taxonomy
        self._table = id_table(frames.taxonomy, taxonomy)

    def _map(self, frame: LabelledFrame) -> LabelledFrame:
        return frame if frame.types is None else replace(frame, types=self._table[frame.types])
