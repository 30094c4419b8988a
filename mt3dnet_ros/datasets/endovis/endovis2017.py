"""EndoVis 2017, robotic instrument segmentation: as the challenge released it, or cropped and merged by others.

Layouts, with any folders in between; below a folder whose name begins with 'test' lies the challenge's test data::

    DIR/.../instrument_dataset_N/{left_frames,right_frames}/frameNNN.png, ground_truth/<Tool>_labels/frameNNN.png,
                                 camera_calibration.txt                                             as released
    DIR/.../instrument_dataset_N/{images/frameNNN.jpg,instruments_masks/frameNNN.png,parts_masks/frameNNN.png}
                                 ids * 32 and parts * 85 (TernausNet), or the ids themselves (ST-MTL)
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mt3dnet_ros.datasets.endovis.endovis2017_raw import WINDOW, RawInstruments, camera_of_window
from mt3dnet_ros.datasets.endovis.stereo_files import CALIBRATION, LEFT
from mt3dnet_ros.datasets.files import find_folders, first_folder, numbered_files, read_ids, read_image
from mt3dnet_ros.datasets.frames import DatasetError, FrameSet, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.masks import instances_from_types
from mt3dnet_ros.datasets.numbering import packaged_taxonomy
from mt3dnet_ros.datasets.splits import load_split, require_sequences
from mt3dnet_ros.geometry.camera import Camera

TAXONOMY = 'endovis2017'
_TYPE_STEP, _PART_STEP = 32, 85  # of the grey values in TernausNet's masks


def open_endovis2017(folder: str | Path, split: str, parts_of_other: bool = False) -> FrameSet:
    """Return the frames of a split in whichever layout the folder has.

    :param split: of ``config/splits/endovis2017.yaml``
    :param parts_of_other: give the parts of the tools 'other' too, which published protocols take for background; the
        merged layouts do not have them
    :raises DatasetError: the folder has none of the layouts, or sequences of the split are missing
    """
    folders = _sequences(Path(folder), split)
    kinds = {path: _is_raw(path) for path in folders.values()}
    if not any(kinds.values()):
        return PreparedInstruments(folders, split)
    if not all(kinds.values()):
        raise DatasetError(f"'{folder}' has both released and merged sequences; keep the two in folders of their own")
    return RawInstruments(folders, split, parts_of_other)


class PreparedInstruments(ListedFrames[Path]):
    """Cropped frames with types and parts in one mask each; instances are the connected regions of each type."""

    def __init__(self, folders: dict[int, Path], split: str) -> None:
        prefix = 'test/' if split == 'test' else ''
        entries = {
            f'{prefix}{path.name}/frame{number:03d}': image
            for path in folders.values()
            for number, image in numbered_files(path / 'images', r'frame(\d+)\.(?:jpg|png)').items()
        }
        super().__init__(entries, packaged_taxonomy(TAXONOMY))

    def _read(self, name: str, entry: Path) -> LabelledFrame:
        image = read_image(entry)
        types = _read_types(_mask(entry, 'instruments_masks'), image.shape)
        parts_path = _mask(entry, 'parts_masks')
        parts = _read_scaled(parts_path, image.shape, _PART_STEP) if parts_path.is_file() else None
        return LabelledFrame(name, image, types, parts, instances_from_types(types), camera=_camera(entry, image))


def _sequences(root: Path, split: str) -> dict[int, Path]:
    wanted = load_split(TAXONOMY, split)
    is_test = split == 'test'
    found = find_folders(root, r'instrument_dataset_\d+')
    folders = {int(p.name.rpartition('_')[2]): p for p in found if _is_test(p.relative_to(root)) == is_test}
    require_sequences(root, split, wanted, folders)
    return {number: folders[number] for number in wanted}


def _is_test(path: Path) -> bool:
    return any('test' in part.lower() for part in path.parts)  # such as TernausNet's cropped_test


def _is_raw(sequence: Path) -> bool:
    if first_folder(sequence, *LEFT):
        return True
    if (sequence / 'images').is_dir():
        return False
    raise DatasetError(f"'{sequence}' must have a folder left_frames (as released) or images (cropped)")


def _mask(image: Path, kind: str) -> Path:
    return image.parent.parent / kind / f'{image.stem}.png'


def _read_types(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Return ids, whether the file holds them or, as TernausNet does, 32 times them."""
    ids = read_ids(path, shape)
    return ids if ids.max() < _TYPE_STEP else _unscaled(path, ids, _TYPE_STEP)


def _read_scaled(path: Path, shape: tuple[int, ...], step: int) -> np.ndarray:
    return _unscaled(path, read_ids(path, shape), step)


def _unscaled(path: Path, values: np.ndarray, step: int) -> np.ndarray:
    ids, rest = np.divmod(values, step)
    if rest.any():
        odd = np.unique(values[rest > 0])[:8].tolist()
        raise DatasetError(f"mask '{path}' has the values {odd}; they must be multiples of {step}")
    return ids


def _camera(image_path: Path, image: np.ndarray) -> Camera | None:
    """Return the camera, where the calibration was copied to the sequence and the image is the usual window."""
    path = image_path.parent.parent / CALIBRATION
    if not path.is_file() or image.shape[:2] != (WINDOW.height, WINDOW.width):
        return None
    return camera_of_window(path).left
