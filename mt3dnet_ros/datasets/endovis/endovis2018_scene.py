"""EndoVis 2018 scene segmentation: twelve classes by colour, as the challenge released it.

Layout, with any folders of releases in between::

    DIR/.../seq_N/left_frames/frameNNN.png, labels/frameNNN.png, right_frames/frameNNN.png, camera_calibration.txt
    DIR/.../repairs/seq_N_frameNNN.png   masks that replace those of the first release
    DIR/test.../seq_N/...                the four test sequences, numbered from 1 again
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mt3dnet_ros.datasets.endovis.stereo_files import LEFT, left_camera, read_right_image, read_sequence_calibration
from mt3dnet_ros.datasets.files import find_folders, first_folder, numbered_files, read_image
from mt3dnet_ros.datasets.frames import IGNORED, DatasetError, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.numbering import packaged_taxonomy
from mt3dnet_ros.datasets.splits import load_split, require_sequences
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.perception.taxonomy import Taxonomy

TAXONOMY = 'endovis2018_scene'
_PARTS = {'instrument shaft': 'shaft', 'instrument wrist': 'wrist', 'instrument clasper': 'clasper'}
_WITHOUT_PARTS = ('suction instrument', 'ultrasound probe')  # instruments all the same
_KNOWN_SHARE = 0.5  # of the pixels of a mask whose colours are those of the classes


class SceneFiles(NamedTuple):
    """Files of one frame; the mask may not be there, as for unlabelled test data."""

    image: Path
    mask: Path


class SequenceFrames(ListedFrames[SceneFiles]):
    """Frames of the challenge's sequences, which have a right image and a calibration beside them."""

    def right_image(self, index: int) -> np.ndarray:
        """Return what the right camera sees, (H, W, 3) uint8 RGB."""
        return read_right_image(self._entries[index].image)

    def stereo_camera(self, index: int) -> StereoCamera:
        """Return both cameras of a frame."""
        return read_sequence_calibration(self._entries[index].image.parent.parent, self._size)

    @cached_property
    def _size(self) -> tuple[int, int]:
        height, width = read_image(self._entries[0].image).shape[:2]
        return width, height


class SceneFrames(SequenceFrames):
    """Frames with twelve scene classes as types, and the parts of the instruments; instances are not labelled.

    :param folder: the data set's folder
    :param split: of ``config/splits/endovis2018_scene.yaml``
    :raises DatasetError: sequences of the split are missing
    """

    def __init__(self, folder: str | Path, split: str) -> None:
        root = Path(folder)
        entries = list_scene(root, split, load_split(TAXONOMY, split), split == 'test')
        super().__init__(entries, packaged_taxonomy(TAXONOMY))

    def _read(self, name: str, entry: SceneFiles) -> LabelledFrame:
        image = read_image(entry.image)
        scene = read_scene(entry.mask, image.shape) if entry.mask.is_file() else None
        camera = left_camera(entry.image.parent.parent, image)
        return LabelledFrame(name, image, scene, None if scene is None else parts_of_scene(scene), camera=camera)


def list_scene(root: Path, split: str, wanted: list[int], is_test: bool) -> dict[str, SceneFiles]:
    """Return the files of the frames of some sequences, by the frames' names."""
    found = (path for path in find_folders(root, r'seq_\d+') if _is_test(path.relative_to(root)) == is_test)
    folders = {int(path.name.removeprefix('seq_')): path for path in found}
    require_sequences(root, split, wanted, folders)
    repairs = {} if is_test else _repairs(root)
    prefix = 'test/' if is_test else ''
    entries = {}
    for sequence in wanted:
        for frame, image in _images(folders[sequence]).items():
            mask = repairs.get((sequence, frame), folders[sequence] / 'labels' / image.name)
            entries[f'{prefix}seq_{sequence}/frame{frame:03d}'] = SceneFiles(image, mask)
    return entries


def read_scene(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read a coloured mask, (H, W) uint8 ids; colours of no class are ``IGNORED``.

    :raises DatasetError: the mask is missing, of another size than its image, or mostly of unknown colours
    """
    mask = cv2.imread(str(path), cv2.IMREAD_COLOR)  # also drops the fourth channel, which is the overlay's opacity
    if mask is None or mask.shape[:2] != shape[:2]:
        found = 'cannot be read' if mask is None else f'has {mask.shape[1]} x {mask.shape[0]} pixels'
        raise DatasetError(f"mask '{path}' {found}; it must be a coloured image of {shape[1]} x {shape[0]} pixels")
    ids = ids_of_colours(mask[..., ::-1], packaged_taxonomy(TAXONOMY))
    if np.mean(ids != IGNORED) < _KNOWN_SHARE:
        raise DatasetError(f"mask '{path}' has mostly colours of no class; keep the coloured masks, not ids")
    return ids


def ids_of_colours(mask: np.ndarray, taxonomy: Taxonomy) -> np.ndarray:
    """Return the class of each pixel by its colour, (H, W) uint8; ``IGNORED`` where no class has it.

    :param mask: (H, W, 3) uint8 RGB
    """
    codes = _codes(np.array([label.color for label in taxonomy.classes]))
    order = np.argsort(codes)
    pixels = _codes(mask)
    places = np.minimum(np.searchsorted(codes[order], pixels), len(codes) - 1)
    return np.where(codes[order][places] == pixels, order[places], IGNORED).astype(np.uint8)


def parts_of_scene(scene: np.ndarray) -> np.ndarray:
    """Return ids of the taxonomy ``parts`` for scene classes, whose parts are numbered in another order.

    :param scene: (H, W) uint8 ids
    :returns: (H, W) uint8; ``IGNORED`` on instruments whose parts are not distinguished
    """
    parts = {label.name: label.id for label in packaged_taxonomy('parts').classes}
    table = np.zeros(IGNORED + 1, np.uint8)
    table[IGNORED] = IGNORED
    for label in packaged_taxonomy(TAXONOMY).classes:
        if label.name in _PARTS:
            table[label.id] = parts[_PARTS[label.name]]
        elif label.name in _WITHOUT_PARTS:
            table[label.id] = IGNORED
    return table[scene]


def _codes(colors: np.ndarray) -> np.ndarray:
    red, green, blue = np.moveaxis(colors.astype(np.int32), -1, 0)
    return red << 16 | green << 8 | blue


def _is_test(path: Path) -> bool:
    return any(part.lower().startswith('test') for part in path.parts)


def _images(sequence: Path) -> dict[int, Path]:
    folder = first_folder(sequence, *LEFT)
    if folder is None:
        raise DatasetError(f"'{sequence}' must have a folder left_frames with frame000.png, frame001.png, ...")
    return numbered_files(folder, r'frame(\d+)\.png')


def _repairs(root: Path) -> dict[tuple[int, int], Path]:
    """Return the masks that replace others, by sequence and frame."""
    masks = (mask for folder in find_folders(root, r'repairs', depth=3) for mask in folder.rglob('seq_*_frame*.png'))
    found = ((re.fullmatch(r'seq_(\d+)_frame(\d+)\.png', mask.name), mask) for mask in masks)
    return {(int(match[1]), int(match[2])): mask for match, mask in found if match}
