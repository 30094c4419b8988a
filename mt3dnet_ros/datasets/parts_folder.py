"""A plain folder of frames whose instruments are labelled by shaft and manipulator, as EndoVis 2015 does.

Layout::

    DIR/images/NAME.jpg       or .jpeg, .png and others
    DIR/parts_masks/NAME.png  grey or palette: 0 background, 1 shaft, 2 manipulator (wrist and claspers), 255 unlabelled

An image without a mask is left out, with a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from mt3dnet_ros.datasets.files import check_ids, read_ids, read_image, warn_of_binary_masks
from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.listing import images_with_masks

SPLIT = 'test'


class PartsFolder(ListedFrames[tuple[Path, Path]]):
    """Frames with shaft and manipulator; ``parts`` holds the folder's own ids, whose names are ``part_names``.

    :param split: the folder is one split, ``test``
    :raises DatasetError: another split is asked for, there are no masks, or a mask has no image
    """

    masks = 'parts_masks'
    """The folder of the masks."""
    part_names: tuple[str, ...] = ('background', 'shaft', 'manipulator')
    renamed_parts: Mapping[str, str] = MappingProxyType({'wrist': 'manipulator', 'clasper': 'manipulator'})
    """What the parts of the taxonomy ``parts`` are called here, where the name differs."""

    def __init__(self, folder: str | Path, split: str = SPLIT) -> None:
        if split != SPLIT:
            raise DatasetError(f"a folder of parts has no split '{split}'; all of it is the split '{SPLIT}'")
        entries = images_with_masks(Path(folder), self.masks)
        super().__init__(entries, None)
        warn_of_binary_masks([mask for _, mask in entries.values()])

    def _read(self, name: str, entry: tuple[Path, Path]) -> LabelledFrame:
        image = read_image(entry[0])
        parts = read_ids(entry[1], image.shape)
        check_ids(entry[1], parts, len(self.part_names))
        return LabelledFrame(name, image, parts=parts)
