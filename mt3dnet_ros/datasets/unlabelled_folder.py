"""A plain folder of frames without labels: ``DIR/images/NAME.jpg``, or .jpeg, .png and others."""

from __future__ import annotations

from pathlib import Path

from mt3dnet_ros.datasets.files import read_image
from mt3dnet_ros.datasets.frames import LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.listing import IMAGES, by_stem, list_files


class UnlabelledFolder(ListedFrames[Path]):
    """Frames of which nothing is known.

    :raises DatasetError: there are no images, or two have one name
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__(by_stem(list_files(Path(folder) / 'images', IMAGES)), None)

    def _read(self, name: str, entry: Path) -> LabelledFrame:
        return LabelledFrame(name, read_image(entry))
