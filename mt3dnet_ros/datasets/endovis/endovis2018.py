"""EndoVis 2018 with instrument types: the annotations of ISINet, organised by its script or by SurgicalSAM.

Layouts::

    DIR/{train,val}/{images,annotations,binary_annotations}/seq2_frame000[_classC_instK].png        ISINet
    DIR/{train/0,val}/{images,annotations,binary_annotations}/seq2/00000[_classC_instK].png          SurgicalSAM
    DIR/.../seq_2/{left_frames,labels}/frame000.png, instrument_labels_2017/frame000_classC_instK.png   as downloaded
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.endovis.endovis2018_raw import RawTypes
from mt3dnet_ros.datasets.files import find_folders, first_folder, read_ids, read_image, read_mask
from mt3dnet_ros.datasets.frames import DatasetError, FrameSet, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.masks import instances_from_masks, instances_from_types
from mt3dnet_ros.datasets.splits import load_split, require_sequences
from mt3dnet_ros.perception.taxonomy import Taxonomy, load_taxonomy

NATIVE, ISINET, MATIS = 'endovis2018', 'endovis2018_isinet', 'endovis2018_matis'
_FRAME = re.compile(r'seq_?(\d+)[/_](?:frame)?(\d+)')
_CLASS = re.compile(r'_class(\d+)(?:_inst\d+)?\.png')

Frame = tuple[int, int]  # numbers of the sequence and of the frame in it


class TypeFiles(NamedTuple):
    """Files of one frame: its image, its map of ids where there is one, and a mask per instance with its class."""

    image: Path
    annotation: Path | None
    masks: tuple[tuple[int, Path], ...]


def open_endovis2018(folder: str | Path, split: str, numbering: str | None = None) -> FrameSet:
    """Return the frames of a split in whichever layout the folder has.

    :param split: of ``config/splits/endovis2018.yaml``
    :param numbering: taxonomy of the ids in an organised folder; without it, found by ``numbering_of``
    :raises DatasetError: the folder has none of the layouts, or sequences of the split are missing
    """
    root = Path(folder)
    if any(_parts(root)):
        return OrganisedTypes(root, split, numbering)
    if any((sequence / 'instrument_labels_2017').is_dir() for sequence in find_folders(root, r'seq_\d+')):
        return RawTypes(root, split)
    raise DatasetError(
        f"'{root}' is not EndoVis 2018 with instrument types; expected train/images and val/images (ISINet), "
        f'train/0/images (SurgicalSAM) or seq_N/instrument_labels_2017 (as downloaded); it has {_content(root)}'
    )


class OrganisedTypes(ListedFrames[TypeFiles]):
    """Frames as ISINet or SurgicalSAM organise them: types and instances.

    Frames of a sequence are found wherever they lie, so that every split can be made of the same folder.
    """

    def __init__(self, root: Path, split: str, numbering: str | None = None) -> None:
        wanted = load_split('endovis2018', split)
        frames = dict(sorted(_list(root)))
        require_sequences(root, split, wanted, (sequence for sequence, _ in frames))
        entries = {f'seq_{frame[0]}/frame{frame[1]:03d}': v for frame, v in frames.items() if frame[0] in wanted}
        super().__init__(entries, load_taxonomy(numbering or numbering_of(_class_ids(root, frames.values()))))

    def _read(self, name: str, entry: TypeFiles) -> LabelledFrame:
        assert self.taxonomy is not None
        image = read_image(entry.image)
        masks = [(label, read_mask(path, image.shape)) for label, path in entry.masks]
        if entry.annotation is None:
            types = _compose(masks, image.shape[:2])
        else:
            types = read_ids(entry.annotation, image.shape)
        _check_ids(entry.annotation or entry.image, types, self.taxonomy)
        instances = (
            instances_from_masks((mask for _, mask in masks), types.shape) if masks else instances_from_types(types)
        )
        return LabelledFrame(name, image, types, instances=instances)


def numbering_of(class_ids: Iterable[int]) -> str:
    """Return the name of the taxonomy that a whole data set's class ids fit.

    ISINet's numbering that is compatible with 2017 leaves out 4 and 5 and has 8 and 9; the native one, which
    SurgicalSAM shares, ends at 7. The numbering of MATIS cannot be distinguished from it and is never returned.
    """
    ids = set(class_ids)
    return ISINET if ids & {8, 9} or (6 in ids and not ids & {4, 5}) else NATIVE


def _parts(root: Path) -> Iterator[Path]:
    """Yield the folders that hold ``images``."""
    for part in ('train', 'val'):
        images = first_folder(root / part, 'images', '0/images')
        if images is not None:
            yield images.parent


def _list(root: Path) -> Iterator[tuple[Frame, TypeFiles]]:
    for part in _parts(root):
        masks = _masks(part / 'binary_annotations')
        for image in _files(part / 'images', ('.png', '.jpg')):
            if frame := _frame_of(part / 'images', image):
                annotation = (part / 'annotations' / image.relative_to(part / 'images')).with_suffix('.png')
                yield frame, TypeFiles(image, annotation if annotation.is_file() else None, tuple(masks[frame]))


def _masks(folder: Path) -> defaultdict[Frame, list[tuple[int, Path]]]:
    masks: defaultdict[Frame, list[tuple[int, Path]]] = defaultdict(list)
    for path in _files(folder, ('.png',)) if folder.is_dir() else ():
        frame, label = _frame_of(folder, path), _CLASS.search(path.name)
        if frame and label:
            masks[frame].append((int(label[1]), path))
    return masks


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    return sorted(path for path in folder.rglob('*') if path.suffix in suffixes)


def _frame_of(folder: Path, path: Path) -> Frame | None:
    match = _FRAME.match(path.relative_to(folder).as_posix())
    return (int(match[1]), int(match[2])) if match else None


def _class_ids(root: Path, frames: Iterable[TypeFiles]) -> set[int]:
    """Return the ids of all classes: those in the list that ISINet's script leaves behind, or those of the masks."""
    listing = root / 'labels_2017.json'
    if listing.is_file():
        return {int(label['classid']) for label in json.loads(listing.read_text('utf-8'))}
    return {label for frame in frames for label, _ in frame.masks}


def _compose(masks: list[tuple[int, np.ndarray]], shape: tuple[int, ...]) -> np.ndarray:
    types = np.zeros(shape, np.uint8)
    for label, mask in masks:
        types[mask] = label
    return types


def _check_ids(path: Path, types: np.ndarray, taxonomy: Taxonomy) -> None:
    if (largest := int(types.max())) >= len(taxonomy.classes):
        raise DatasetError(
            f"the types of '{path}' have the id {largest}, which taxonomy {taxonomy.name} does not; "
            f'say which numbering the folder has: {NATIVE}, {ISINET} or {MATIS}'
        )


def _content(root: Path) -> str:
    return ', '.join(sorted(path.name for path in root.iterdir())[:8]) or 'nothing'
