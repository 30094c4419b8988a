"""EndoVis with a mask per instance and a map of ids per frame, as ISINet's script and SurgicalSAM organise it."""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.completeness import require_masks
from mt3dnet_ros.datasets.files import check_ids, read_ids, read_image, read_mask
from mt3dnet_ros.datasets.frames import DatasetError, DatasetWarning, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.listing import IMAGES, MASKS, files_below, listed
from mt3dnet_ros.datasets.masks import instances_from_masks, instances_from_types
from mt3dnet_ros.perception.taxonomy import Taxonomy

_FRAME = re.compile(r'seq_?(\d+)[/_](?:frame)?(\d+)')
_CLASS = re.compile(r'_class(\d+)(?:_inst\d+)?\.\w+')

Frame = tuple[int, int]  # numbers of the sequence and of the frame in it


class TypeFiles(NamedTuple):
    """Files of one frame: its image, its map of ids where there is one, and a mask per instance with its class."""

    image: Path
    annotation: Path | None
    masks: tuple[tuple[int, Path], ...]


class OrganisedTypes(ListedFrames[TypeFiles]):
    """Frames with types and instances.

    :param hint: at what may be wrong where an id is none of the taxonomy
    """

    def __init__(self, entries: Mapping[str, TypeFiles], taxonomy: Taxonomy, hint: str) -> None:
        super().__init__(entries, taxonomy)
        self._hint = hint

    def _read(self, name: str, entry: TypeFiles) -> LabelledFrame:
        assert self.taxonomy is not None
        image = read_image(entry.image)
        masks = [(label, read_mask(path, image.shape)) for label, path in entry.masks]
        if entry.annotation is None:
            types = _compose(masks, image.shape[:2])
        else:
            types = read_ids(entry.annotation, image.shape)
        check_ids(entry.annotation or entry.image, types, len(self.taxonomy.classes), self._hint)
        instances = (
            instances_from_masks((mask for _, mask in masks), types.shape) if masks else instances_from_types(types)
        )
        return LabelledFrame(name, image, types, instances=instances)


def list_organised(parts: Iterable[Path]) -> dict[Frame, TypeFiles]:
    """Return the files of the frames in folders that hold ``images``, ``annotations`` and ``binary_annotations``.

    :raises DatasetError: a frame is there twice, or some frames have no annotation though others of the folder have
    """
    found: dict[Frame, TypeFiles] = {}
    for part in parts:
        for frame, files in _list(part):
            if frame in found:
                raise DatasetError(f"'{found[frame].image}' and '{files.image}' are the same frame; keep one of them")
            found[frame] = files
    return dict(sorted(found.items()))


def frames_by_sequence(frames: Iterable[Frame]) -> dict[int, list[int]]:
    """Return the numbers of the frames of each sequence."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for sequence, frame in frames:
        found[sequence].append(frame)
    return dict(found)


def _list(part: Path) -> Iterator[tuple[Frame, TypeFiles]]:
    images = _frames(part / 'images', IMAGES)
    annotations = _frames(part / 'annotations', MASKS)
    masks = _masks(part / 'binary_annotations')
    if (part / 'annotations').is_dir():
        found = {str(image.relative_to(part)): annotations.get(frame) for frame, image in images.items()}
        require_masks(found, part, 'annotations/seq2_frame000.png')
    for frame, image in images.items():
        yield frame, TypeFiles(image, annotations.get(frame), tuple(masks[frame]))


def _frames(folder: Path, suffixes: tuple[str, ...]) -> dict[Frame, Path]:
    paths = files_below(folder, suffixes)
    found: dict[Frame, Path] = {}
    for path in paths:
        if (frame := _frame_of(folder, path)) and (other := found.setdefault(frame, path)) is not path:
            raise DatasetError(f"'{other}' and '{path}' are the same frame; keep one of them")
    if odd := [path.relative_to(folder) for path in paths if not _frame_of(folder, path)]:
        warnings.warn(
            f"{len(odd)} of {len(paths)} images in '{folder}' are not named like seq2_frame000.png or seq2/00000.png "
            f'and are left out: {listed(odd)}',
            DatasetWarning,
            stacklevel=2,
        )
    return found


def _masks(folder: Path) -> defaultdict[Frame, list[tuple[int, Path]]]:
    masks: defaultdict[Frame, list[tuple[int, Path]]] = defaultdict(list)
    for path in files_below(folder, MASKS):
        frame, label = _frame_of(folder, path), _CLASS.search(path.name)
        if frame and label:
            masks[frame].append((int(label[1]), path))
    return masks


def _frame_of(folder: Path, path: Path) -> Frame | None:
    match = _FRAME.match(path.relative_to(folder).as_posix())
    return (int(match[1]), int(match[2])) if match else None


def _compose(masks: list[tuple[int, np.ndarray]], shape: tuple[int, ...]) -> np.ndarray:
    types = np.zeros(shape, np.uint8)
    for label, mask in masks:
        types[mask] = label
    return types
