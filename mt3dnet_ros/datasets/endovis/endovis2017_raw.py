"""EndoVis 2017 as released: frames of 1920 x 1080 pixels with black borders, and a mask per instrument."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.endovis.stereo_files import CALIBRATION, LEFT, read_right_image
from mt3dnet_ros.datasets.files import check_few_values, read_ids, read_image
from mt3dnet_ros.datasets.frames import IGNORED, DatasetError, DatasetWarning, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.listing import MASKS, first_folder, is_visible, listed, numbered_files
from mt3dnet_ros.datasets.masks import instances_from_masks
from mt3dnet_ros.datasets.numbering import packaged_taxonomy
from mt3dnet_ros.datasets.stereo_calibration import read_intuitive_calibration, read_intuitive_size
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.stereo import StereoCamera

_OTHER = 'other'
_TRUTH, _FRAME = 'ground_truth', r'frame(\d+)'
_PART_VALUES = {10: 'shaft', 20: 'wrist', 30: 'clasper'}


class CropWindow(NamedTuple):
    """A window of a frame as released, in pixels."""

    x: int
    y: int
    width: int
    height: int


FRAME_SIZE = (1920, 1080)
WINDOW = CropWindow(320, 28, 1280, 1024)  # what all published protocols crop
# Where the released frame shows the image of 1280 x 1024 that was calibrated: slightly smaller (after ris2017_toolkit).
_SHOWN = CropWindow(328, 37, 1263, 1009)


class RawFiles(NamedTuple):
    """Files of one frame: its image, and the masks of the tools by the names of their types; None for no labels."""

    image: Path
    masks: tuple[tuple[str, Path], ...] | None


class RawInstruments(ListedFrames[RawFiles]):
    """Cropped frames with types, parts and instances from the masks of each tool, and the calibrated pair.

    :param folders: of the sequences, by their numbers
    :param parts_of_other: give the parts of the tools 'other' too; else they are background, as in published protocols
    """

    def __init__(self, folders: dict[int, Path], split: str, parts_of_other: bool = False) -> None:
        prefix = 'test/' if split == 'test' else ''
        entries = {
            f'{prefix}{path.name}/frame{number:03d}': files
            for path in _labelled_alike(folders.values(), split)
            for number, files in _files(path).items()
        }
        super().__init__(entries, packaged_taxonomy('endovis2017'))
        self._parts_of_other = parts_of_other

    def right_image(self, index: int) -> np.ndarray:
        """Return what the right camera sees, cropped as the left image, (H, W, 3) uint8 RGB."""
        return _crop(self._entries[index].image, read_right_image(self._entries[index].image))

    def stereo_camera(self, index: int) -> StereoCamera:
        """Return both cameras of a cropped frame."""
        return camera_of_window(self._entries[index].image.parent.parent / CALIBRATION)

    def _read(self, name: str, entry: RawFiles) -> LabelledFrame:
        image = _crop(entry.image, read_image(entry.image))
        camera = _camera(entry.image.parent.parent)
        if entry.masks is None:
            return LabelledFrame(name, image, camera=camera)
        tools = [(tool, _read_tool(mask)) for tool, mask in entry.masks]
        types, parts = self._merge(tools)
        return LabelledFrame(
            name, image, types, parts, instances_from_masks((m > 0 for _, m in tools), types.shape), camera=camera
        )

    def _merge(self, tools: list[tuple[str, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
        """Return types and parts of masks of 10, 20 and 30; where tools overlap, the last folder wins."""
        ids, table = _type_ids(), _part_table()
        types = np.zeros((WINDOW.height, WINDOW.width), np.uint8)
        parts = np.zeros_like(types)
        for name, mask in tools:
            types[mask > 0] = ids[name]
            if name != _OTHER or self._parts_of_other:
                parts[mask > 0] = table[mask[mask > 0]]
        return types, parts


@lru_cache(maxsize=64)
def camera_of_window(path: Path) -> StereoCamera:
    """Return the cameras of the cropped images, from a sequence's ``camera_calibration.txt``.

    :raises DatasetError: the calibration is for images of another size
    """
    calibrated = read_intuitive_size(path) or (WINDOW.width, WINDOW.height)
    pair = read_intuitive_calibration(path, calibrated)
    if calibrated == FRAME_SIZE:
        return pair.cropped(*WINDOW)
    if calibrated != (WINDOW.width, WINDOW.height):
        raise DatasetError(
            f"calibration '{path}' is for images of {calibrated[0]} x {calibrated[1]} pixels; those of "
            f'EndoVis 2017 have {WINDOW.width} x {WINDOW.height}'
        )
    shown = pair.resized(_SHOWN.width, _SHOWN.height)
    return replace(shown, left=_in_window(shown.left), right=_in_window(shown.right))


def _in_window(camera: Camera) -> Camera:
    x, y = _SHOWN.x - WINDOW.x, _SHOWN.y - WINDOW.y
    return replace(camera, width=WINDOW.width, height=WINDOW.height, cx=camera.cx + x, cy=camera.cy + y)


def _camera(sequence: Path) -> Camera | None:
    path = sequence / CALIBRATION
    return camera_of_window(path).left if path.is_file() else None


def _labelled_alike(sequences: Collection[Path], split: str) -> Collection[Path]:
    """Check that all sequences have ground truth, or none, as test data are released.

    :raises DatasetError: some have it
    """
    without = [path for path in sequences if not _tool_folders(path / _TRUTH)]
    if without and len(without) < len(sequences):
        raise DatasetError(
            f'{len(without)} of {len(sequences)} sequences have no {_TRUTH}/<Tool>_labels: {listed(without)}; fetch it'
        )
    if without and split != 'test':
        warnings.warn(f'sequences {listed(without)} have no {_TRUTH}: no labels', DatasetWarning, stacklevel=2)
    return sequences


def _files(sequence: Path) -> dict[int, RawFiles]:
    folder = first_folder(sequence, *LEFT)
    assert folder is not None
    images = numbered_files(folder, _FRAME)
    if not (tools := _tool_folders(sequence / _TRUTH)):
        return {number: RawFiles(image, None) for number, image in images.items()}
    masks = [(_type_of(tool), _masks_of(tool, images)) for tool in tools]
    return {
        number: RawFiles(image, tuple((name, paths[number]) for name, paths in masks))
        for number, image in images.items()
    }


def _masks_of(tool: Path, images: dict[int, Path]) -> dict[int, Path]:
    masks = numbered_files(tool, _FRAME, MASKS)
    if missing := [number for number in images if number not in masks]:
        raise DatasetError(
            f"'{tool}' has no masks of {len(missing)} of {len(images)} frames: {listed(missing)}; fetch them, without "
            'them the tool would be background'
        )
    return masks


def _crop(path: Path, image: np.ndarray) -> np.ndarray:
    if image.shape[1::-1] != FRAME_SIZE:
        raise DatasetError(
            f"'{path}' has {image.shape[1]} x {image.shape[0]} pixels, frames as released have "
            f'{FRAME_SIZE[0]} x {FRAME_SIZE[1]}; name the folder of cropped frames images'
        )
    return image[WINDOW.y : WINDOW.y + WINDOW.height, WINDOW.x : WINDOW.x + WINDOW.width]


def _tool_folders(truth: Path) -> list[Path]:
    return sorted(path for path in truth.iterdir() if path.is_dir() and is_visible(path)) if truth.is_dir() else []


def _type_of(folder: Path) -> str:
    """Return the class that a folder such as ``Left_Prograsp_Forceps_labels`` is named after."""
    plain = folder.name.casefold().replace('_', ' ')
    for name in _type_ids():
        if name in plain:
            return name
    raise DatasetError(f"folder '{folder}' is named after no class (classes: {', '.join(_type_ids())})")


def _read_tool(path: Path) -> np.ndarray:
    mask = read_ids(path, FRAME_SIZE[::-1])
    check_few_values(path, mask)
    return _crop(path, mask)


@lru_cache
def _type_ids() -> dict[str, int]:
    return {label.name.casefold(): label.id for label in packaged_taxonomy('endovis2017').classes if label.id}


@lru_cache
def _part_table() -> np.ndarray:
    ids = {label.name: label.id for label in packaged_taxonomy('parts').classes}
    table = np.full(IGNORED + 1, IGNORED, np.uint8)  # a tool of no known part
    for value, name in _PART_VALUES.items():
        table[value] = ids[name]
    return table
