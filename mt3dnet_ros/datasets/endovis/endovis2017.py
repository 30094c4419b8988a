"""EndoVis 2017, robotic instrument segmentation: as the challenge released it, or cropped and merged by others.

Layouts, with any folders in between; below a folder whose name begins with 'test' lies the challenge's test data::

    DIR/.../instrument_dataset_N/{left_frames,right_frames}/frameNNN.png, ground_truth/<Tool>_labels/frameNNN.png,
                                 camera_calibration.txt                                             as released
    DIR/.../instrument_dataset_N/{images/frameNNN.jpg,instruments_masks/frameNNN.png,parts_masks/frameNNN.png}
                                 ids * 32 and parts * 85 (TernausNet), or the ids themselves (ST-MTL)
    DIR/0/{images,annotations,binary_annotations}/seqN/NNNNN[_classC_instK].png                     SurgicalSAM
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.completeness import require_frames, require_masks, warn_of_missing_frames
from mt3dnet_ros.datasets.endovis.endovis2017_raw import WINDOW, RawInstruments, camera_of_window
from mt3dnet_ros.datasets.endovis.organised import OrganisedTypes, frames_by_sequence, list_organised
from mt3dnet_ros.datasets.endovis.stereo_files import CALIBRATION, LEFT
from mt3dnet_ros.datasets.files import check_ids, check_values, read_ids, read_image
from mt3dnet_ros.datasets.frames import DatasetError, FrameSet, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.listing import MASKS, first_folder, numbered_files, numbered_folders
from mt3dnet_ros.datasets.masks import instances_from_types
from mt3dnet_ros.datasets.numbering import packaged_taxonomy
from mt3dnet_ros.datasets.splits import load_split, require_sequences
from mt3dnet_ros.geometry.camera import Camera

TAXONOMY = 'endovis2017'
_TEST = 'test'
_TYPE_STEP, _PART_STEP = 32, 85  # of the grey values in TernausNet's masks
_TYPES, _PARTS = 8, 4  # with the background
_FRAME = r'frame(\d+)'


def open_endovis2017(folder: str | Path, split: str, parts_of_other: bool = False) -> FrameSet:
    """Return the frames of a split in whichever layout the folder has.

    :param split: of ``config/splits/endovis2017.yaml``
    :param parts_of_other: give the parts of the tools 'other' too, which published protocols take for background; the
        merged layouts do not have them
    :raises DatasetError: the folder has none of the layouts, or sequences of the split are missing
    """
    root = Path(folder)
    if (images := first_folder(root, '0/images', 'images')) and split != _TEST:
        return _open_organised(images.parent, split)
    folders = _sequences(root, split)
    kinds = {path: _is_raw(path) for path in folders.values()}
    if any(kinds.values()) and not all(kinds.values()):
        raise DatasetError(f"'{folder}' has both released and merged sequences; keep the two in folders of their own")
    frames = {number: _images(path) for number, path in folders.items()}
    require_frames(frames, root, 'left_frames/frame000.png or images/frame000.jpg')
    warn_of_missing_frames(frames, root, _published_test_frames if split == _TEST else lambda _: 225)
    if any(kinds.values()):
        return RawInstruments(folders, split, parts_of_other)
    return PreparedInstruments(root, folders, split)


class PreparedFiles(NamedTuple):
    """Files of one cropped frame; unlabelled test data have no masks, and ST-MTL's have no parts."""

    image: Path
    types: Path | None
    parts: Path | None


class PreparedInstruments(ListedFrames[PreparedFiles]):
    """Cropped frames with types and parts in one mask each; instances are the connected regions of each type."""

    def __init__(self, root: Path, folders: dict[int, Path], split: str) -> None:
        prefix = 'test/' if split == _TEST else ''
        entries = {
            f'{prefix}{path.name}/frame{number:03d}': files
            for path in folders.values()
            for number, files in _prepared(path).items()
        }
        if split != _TEST or any(files.types for files in entries.values()):
            types = {name: files.types for name, files in entries.items()}
            require_masks(types, root, 'instruments_masks/frame000.png')
        if any(files.parts for files in entries.values()):
            require_masks({name: files.parts for name, files in entries.items()}, root, 'parts_masks/frame000.png')
        super().__init__(entries, packaged_taxonomy(TAXONOMY))

    def _read(self, name: str, entry: PreparedFiles) -> LabelledFrame:
        image = read_image(entry.image)
        camera = _camera(entry.image, image)
        if entry.types is None:
            return LabelledFrame(name, image, camera=camera)
        types = _read_scaled(entry.types, image.shape, _TYPE_STEP, _TYPES)
        parts = _read_scaled(entry.parts, image.shape, _PART_STEP, _PARTS) if entry.parts else None
        return LabelledFrame(name, image, types, parts, instances_from_types(types), camera=camera)


def _open_organised(part: Path, split: str) -> OrganisedTypes:
    wanted = load_split(TAXONOMY, split)
    frames = {frame: files for frame, files in list_organised([part]).items() if frame[0] in wanted}
    require_sequences(part, split, wanted, (sequence for sequence, _ in frames))
    warn_of_missing_frames(frames_by_sequence(frames), part, lambda _: 225)
    entries = {f'instrument_dataset_{number}/frame{frame:03d}': files for (number, frame), files in frames.items()}
    return OrganisedTypes(entries, packaged_taxonomy(TAXONOMY), 'EndoVis 2017 has the types 1 to 7')


def _sequences(root: Path, split: str) -> dict[int, Path]:
    wanted = load_split(TAXONOMY, split)
    is_test = split == _TEST
    folders = numbered_folders(root, r'instrument_dataset_(\d+)', lambda path: _is_test(path) == is_test)
    require_sequences(root, split, wanted, folders)
    return {number: folders[number] for number in wanted}


def _is_test(path: Path) -> bool:
    return any('test' in part.lower() for part in path.parts)  # such as TernausNet's cropped_test


def _published_test_frames(sequence: int) -> int:
    return 75 if sequence <= 8 else 300  # the first eight continue those for training


def _is_raw(sequence: Path) -> bool:
    if first_folder(sequence, *LEFT):
        return True
    if (sequence / 'images').is_dir():
        return False
    raise DatasetError(f"'{sequence}' must have a folder left_frames (as released) or images (cropped)")


def _images(sequence: Path) -> dict[int, Path]:
    return numbered_files(first_folder(sequence, *LEFT) or sequence / 'images', _FRAME)


def _prepared(sequence: Path) -> dict[int, PreparedFiles]:
    types, parts = (numbered_files(sequence / kind, _FRAME, MASKS) for kind in ('instruments_masks', 'parts_masks'))
    images = _images(sequence)
    return {number: PreparedFiles(image, types.get(number), parts.get(number)) for number, image in images.items()}


def _read_scaled(path: Path, shape: tuple[int, ...], step: int, count: int) -> np.ndarray:
    """Return ids, whether the file holds them or, as TernausNet does, a multiple of them."""
    values = read_ids(path, shape)
    if values.max() < count:
        return values
    if values.max() < step:
        check_ids(path, values, count)
    possible = range(0, step * count, step)
    check_values(
        path, values, possible, f'0 to {count - 1}, or multiples of {step}', 'take the masks as they were made'
    )
    ids: np.ndarray = values // np.uint8(step)
    return ids


def _camera(image_path: Path, image: np.ndarray) -> Camera | None:
    """Return the camera, where the calibration was copied to the sequence and the image is the usual window."""
    path = image_path.parent.parent / CALIBRATION
    if not path.is_file() or image.shape[:2] != (WINDOW.height, WINDOW.width):
        return None
    return camera_of_window(path).left
