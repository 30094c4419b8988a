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

import numpy as np

from mt3dnet_ros.datasets.completeness import require_frames, require_masks, warn_of_missing_frames
from mt3dnet_ros.datasets.endovis.stereo_files import LEFT, left_camera, read_right_image, read_sequence_calibration
from mt3dnet_ros.datasets.files import read_colours, read_image
from mt3dnet_ros.datasets.frames import IGNORED, DatasetError, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.listing import (
    MASKS,
    files_below,
    find_folders,
    first_folder,
    numbered_files,
    numbered_folders,
)
from mt3dnet_ros.datasets.numbering import packaged_taxonomy
from mt3dnet_ros.datasets.splits import load_split, require_sequences
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.perception.taxonomy import Taxonomy

TAXONOMY = 'endovis2018_scene'
_PARTS = {'instrument shaft': 'shaft', 'instrument wrist': 'wrist', 'instrument clasper': 'clasper'}
_WITHOUT_PARTS = ('suction instrument', 'ultrasound probe')  # instruments all the same
_KNOWN_SHARE = 0.5  # of the pixels of a mask whose colours are those of the classes
_MOST_UNKNOWN = 16  # colours of no class in one mask; a JPEG has hundreds
_PUBLISHED_FRAMES, _TEST_FRAMES = 149, {1: 250, 2: 249, 3: 249, 4: 249}
_FRAME = r'frame(\d+)'


class SceneFiles(NamedTuple):
    """Files of one frame; unlabelled test data have no masks."""

    image: Path
    mask: Path | None


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
        scene = None if entry.mask is None else read_scene(entry.mask, image.shape)
        camera = left_camera(entry.image.parent.parent, image)
        return LabelledFrame(name, image, scene, None if scene is None else parts_of_scene(scene), camera=camera)


def list_scene(root: Path, split: str, wanted: list[int], is_test: bool) -> dict[str, SceneFiles]:
    """Return the files of the frames of some sequences, by the frames' names.

    :raises DatasetError: a sequence is missing or has no frames, or some frames have no mask; test data may have none
    """
    folders = numbered_folders(root, r'seq_(\d+)', lambda path: _is_test(path) == is_test)
    require_sequences(root, split, wanted, folders)
    images = {sequence: _images(folders[sequence]) for sequence in wanted}
    require_frames(images, root, 'left_frames/frame000.png')
    warn_of_missing_frames(images, root, _TEST_FRAMES.__getitem__ if is_test else lambda _: _PUBLISHED_FRAMES)
    repairs = {} if is_test else _repairs(root)
    prefix = 'test/' if is_test else ''
    entries = {}
    for sequence in wanted:
        masks = numbered_files(folders[sequence] / 'labels', _FRAME, MASKS)
        for frame, image in images[sequence].items():
            mask = repairs.get((sequence, frame), masks.get(frame))
            entries[f'{prefix}seq_{sequence}/frame{frame:03d}'] = SceneFiles(image, mask)
    if not is_test or any(entry.mask for entry in entries.values()):
        require_masks({name: entry.mask for name, entry in entries.items()}, root, 'labels/frame000.png')
    return entries


def read_scene(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read a coloured mask, (H, W) uint8 ids; colours of no class are ``IGNORED``.

    :raises DatasetError: the mask is missing, of another size than its image, or of too many unknown colours
    """
    colours = read_colours(path, shape)
    ids = ids_of_colours(colours, packaged_taxonomy(TAXONOMY))
    unknown = ids == IGNORED
    if np.mean(unknown) > 1 - _KNOWN_SHARE:
        raise DatasetError(f"mask '{path}' has mostly colours of no class; keep the coloured masks, not ids")
    if len(found := np.unique(_codes(colours[unknown]))) > _MOST_UNKNOWN:
        examples = ', '.join(str((code >> 16, code >> 8 & 255, code & 255)) for code in found[:4].tolist())
        raise DatasetError(
            f"mask '{path}' has {int(unknown.sum())} pixels ({np.mean(unknown):.1%}) with {len(found)} colours of no "
            f'class, such as {examples}; it went through JPEG or was resized with interpolation: take the original'
        )
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
    codes: np.ndarray = red << 16 | green << 8 | blue
    return codes


def _is_test(path: Path) -> bool:
    return any(part.lower().startswith('test') for part in path.parts)


def _images(sequence: Path) -> dict[int, Path]:
    folder = first_folder(sequence, *LEFT)
    if folder is None:
        raise DatasetError(f"'{sequence}' must have a folder left_frames with frame000.png, frame001.png, ...")
    return numbered_files(folder, _FRAME)


def _repairs(root: Path) -> dict[tuple[int, int], Path]:
    """Return the masks that replace others, by sequence and frame."""
    masks = (mask for folder in find_folders(root, r'repairs', depth=3) for mask in files_below(folder, MASKS))
    found = ((re.fullmatch(r'seq_(\d+)_frame(\d+)\.png', mask.name), mask) for mask in masks)
    return {(int(match[1]), int(match[2])): mask for match, mask in found if match}
