"""Frames of a data set with the depth that ``mt3dnet prepare-depth`` made for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mt3dnet_ros.datasets.depth.maps import read_depth
from mt3dnet_ros.datasets.frames import DatasetError, FrameSet, LabelledFrame


class WithDepth:
    """Frames whose depth is that of prepared maps.

    :param depth: folder with ``<frame's name>.tiff``
    """

    def __init__(self, frames: FrameSet, depth: str | Path) -> None:
        self.taxonomy = frames.taxonomy
        self._frames = frames
        self._folder = Path(depth)

    @property
    def names(self) -> Sequence[str]:
        """The frames' names, in order."""
        return self._frames.names

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> LabelledFrame:
        frame = self._frames[index]
        depth, _ = read_depth(self._folder, frame.name)
        if depth.shape != frame.image.shape[:2]:
            raise DatasetError(
                f"depth of '{frame.name}' in '{self._folder}' has shape {depth.shape}, its image "
                f'{frame.image.shape[:2]}; prepare it from the same data set'
            )
        return replace(frame, depth=depth)
