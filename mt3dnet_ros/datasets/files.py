"""Images, masks and folders of data sets, with errors that name the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED, DatasetError

_SUFFIXES = ('.jpg', '.jpeg', '.png')
_JUNK = '__MACOSX'  # what macOS leaves in zip files has the names of real folders


def read_image(path: Path) -> np.ndarray:
    """Read a colour image, (H, W, 3) uint8 RGB.

    :raises DatasetError: the file is missing or damaged
    """
    return cv2.cvtColor(_read(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def read_ids(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read a grey image of ids, (H, W) uint8.

    :param shape: rows and columns that it must have
    :raises DatasetError: the file is missing, damaged, coloured or of another size
    """
    ids = _read(path, cv2.IMREAD_UNCHANGED)
    if ids.ndim == 3 and all(np.array_equal(ids[..., 0], ids[..., channel]) for channel in (1, 2)):
        ids = ids[..., 0]
    if ids.ndim != 2 or ids.dtype != np.uint8:
        raise DatasetError(f"mask '{path}' must be a grey image of 8 bits, it is {ids.dtype} of shape {ids.shape}")
    _check_size(path, ids, shape)
    return ids


def read_mask(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read a mask, (H, W) bool: true where any colour is above 0, whatever the image's type.

    :param shape: rows and columns that it must have
    """
    mask = _read(path, cv2.IMREAD_UNCHANGED)
    _check_size(path, mask, shape)
    colours = mask.reshape(*mask.shape[:2], -1)[..., :3]  # a fourth channel is opacity
    return np.any(colours > 0, axis=-1, keepdims=True)[..., 0]


def check_ids(path: Path, ids: np.ndarray, count: int) -> None:
    """Check that a mask has the ids of so many classes, and 255 where unlabelled.

    :param path: of the mask, for the message
    :raises DatasetError: it has others
    """
    largest = int(ids[ids != IGNORED].max(initial=0))
    if largest >= count:
        raise DatasetError(
            f"mask '{path}' has the id {largest}; 0 to {count - 1} are possible, and {IGNORED} where unlabelled"
        )


def images_with_masks(folder: Path, masks: str) -> dict[str, tuple[Path, Path]]:
    """Return each frame's image, in ``images``, and its mask, by the frame's name; an image without a mask is left out.

    :param masks: name of the folder of masks
    :raises DatasetError: there are no masks, or a mask has no image
    """
    found = sorted((folder / masks).glob('*.png'))
    if not found:
        raise DatasetError(f"'{folder}' has no {masks}/*.png; docs/train/datasets.md shows the layout")
    return {mask.stem: (_image_of(folder / 'images', mask), mask) for mask in found}


def find_folders(root: Path, pattern: str, depth: int = 4) -> Iterator[Path]:
    """Yield the folders below a folder whose name matches a pattern, in order; not what is inside of them.

    :param depth: how deep to look
    :raises DatasetError: there is no such folder
    """
    if not root.is_dir():
        raise DatasetError(f"data set folder '{root}' does not exist")
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and path.name != _JUNK):
        if re.fullmatch(pattern, folder.name):
            yield folder
        elif depth > 1:
            yield from find_folders(folder, pattern, depth - 1)


def first_folder(parent: Path, *names: str) -> Path | None:
    """Return the first of the named folders that exists."""
    return next((parent / name for name in names if (parent / name).is_dir()), None)


def numbered_files(folder: Path, pattern: str) -> dict[int, Path]:
    """Return the files of a folder by the number in their name, in the order of the numbers.

    :param pattern: of the whole name, its first group being the number
    """
    found = ((re.fullmatch(pattern, path.name), path) for path in folder.iterdir())
    return dict(sorted((int(match[1]), path) for match, path in found if match))


def _image_of(folder: Path, mask: Path) -> Path:
    for suffix in _SUFFIXES:
        if (path := folder / f'{mask.stem}{suffix}').is_file():
            return path
    raise DatasetError(f"mask '{mask}' has no image '{folder / mask.stem}' with one of {', '.join(_SUFFIXES)}")


def _read(path: Path, mode: int) -> np.ndarray:
    if not path.is_file():
        raise DatasetError(f"'{path}' does not exist")
    image = cv2.imread(str(path), mode)
    if image is None:
        raise DatasetError(f"'{path}' cannot be decoded; remove it, or fetch it again")
    return image


def _check_size(path: Path, mask: np.ndarray, shape: tuple[int, ...]) -> None:
    if mask.shape[:2] != tuple(shape[:2]):
        raise DatasetError(
            f"mask '{path}' has {mask.shape[1]} x {mask.shape[0]} pixels, its image {shape[1]} x {shape[0]}"
        )
