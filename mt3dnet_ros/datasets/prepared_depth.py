"""Frames of a data set with the depth that ``mt3dnet prepare-depth`` made for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mt3dnet_ros.datasets.depth.maps import read_depth
from mt3dnet_ros.datasets.frames import ChangedFrames, DatasetError, FrameSet, LabelledFrame


class WithDepth(ChangedFrames):
    """Frames whose depth is that of prepared maps.

    :param depth: folder with ``<frame's name>.tiff``
    """

    def __init__(self, frames: FrameSet, depth: str | Path) -> None:
        super().__init__(frames)
        self._folder = Path(depth)

    def _changed(self, frame: LabelledFrame) -> LabelledFrame:
        depth, _ = read_depth(self._folder, frame.name)
        if depth.shape != frame.image.shape[:2]:
            raise DatasetError(
                f"depth of '{frame.name}' in '{self._folder}' has shape {depth.shape}, its image "
                f'{frame.image.shape[:2]}; prepare it from the same data set'
            )
        return replace(frame, depth=depth)
