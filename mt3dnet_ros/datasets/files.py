"""Images and masks of data sets, with errors that name the file."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED, DatasetError, DatasetWarning
from mt3dnet_ros.datasets.png_samples import read_samples
from mt3dnet_ros.media.codecs.picture_decoder import LargePictureError, decode_picture

_JPEG = b'\xff\xd8'
_MOST_VALUES = 8  # of the foreground of one instrument's mask: its parts, or the colours that it was painted with
_LOOKED_AT = 8  # masks of a folder before it is opened
_FEW = 3  # impossible values that no JPEG explains
_SHOWN = 6  # examples in a message
_ORIGINAL = 'it went through JPEG or was resized with interpolation: take the original, or write PNG with exact ids'


def read_image(path: Path) -> np.ndarray:
    """Read a colour image, (H, W, 3) uint8 RGB.

    :raises DatasetError: the file is missing or damaged
    """
    return cv2.cvtColor(_decode(path, _content(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def read_ids(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read an image of ids, (H, W) uint8: grey, or with a palette, whose indices are the ids.

    Three equal channels, and 16 bits of which 8 are used, will do as well.

    :param shape: rows and columns that it must have
    :raises DatasetError: the file is missing, damaged, coloured, a JPEG or of another size
    """
    ids = _read_mask_file(path, shape)
    if ids.ndim == 3 and all(np.array_equal(ids[..., 0], ids[..., channel]) for channel in (1, 2)):
        ids = ids[..., 0]
    if ids.ndim == 3:
        raise DatasetError(
            f"mask '{path}' is a coloured picture, with colours such as {_colours(ids)}; a mask has one number per "
            'pixel, the id of its class: write them as a grey image of 8 bits, or with a palette'
        )
    if ids.dtype == np.uint16 and ids.max(initial=0) <= IGNORED:
        return ids.astype(np.uint8)
    if ids.dtype != np.uint8:
        raise DatasetError(
            f"mask '{path}' has {8 * ids.itemsize} bits and values up to {ids.max()}; ids are whole numbers from 0 to "
            f'{IGNORED}: write them with 8 bits'
        )
    return ids


def read_mask(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read a mask of one instrument, (H, W) bool: true where any colour is above 0, whatever the image's type.

    :param shape: rows and columns that it must have
    :raises DatasetError: the file is missing, damaged, of another size, or has more values than a mask has
    """
    mask = _read_mask_file(path, shape)
    values = mask if mask.ndim == 2 else _codes(mask)
    check_few_values(path, values)
    return values > 0


def read_colours(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read a mask whose colours stand for classes, (H, W, 3) uint8 RGB; its opacity is left out.

    :param shape: rows and columns that it must have
    :raises DatasetError: the file is missing, damaged, a JPEG or of another size
    """
    content = _mask_content(path)
    return cv2.cvtColor(_of_size(path, _decode(path, content, cv2.IMREAD_COLOR), shape), cv2.COLOR_BGR2RGB)


def check_few_values(path: Path, values: np.ndarray) -> None:
    """Check that the foreground of a mask has few values: a JPEG gives it dozens, and makes it larger.

    :param path: of the mask, for the message
    :param values: (H, W)
    :raises DatasetError: there are too many
    """
    found, counts = np.unique(values[values > 0], return_counts=True)
    if len(found) <= _MOST_VALUES:
        return
    rare = found[np.argsort(counts)][: len(found) - 1]
    raise DatasetError(
        f"mask '{path}' has {len(found)} values besides 0, such as {_listed(rare)}, where one instrument has one or a "
        f'few; {_ORIGINAL}'
    )


def check_ids(path: Path, ids: np.ndarray, count: int, hint: str = 'correct the mask, or name the class') -> None:
    """Check that a mask has the ids of so many classes, and 255 where unlabelled.

    :param path: of the mask, for the message
    :param hint: at what may be wrong, where only a few values are impossible
    :raises DatasetError: it has others
    """
    check_values(path, ids, [*range(count), IGNORED], f'0 to {count - 1}, and {IGNORED} where unlabelled', hint)


def check_values(path: Path, values: np.ndarray, possible: Collection[int], described: str, hint: str) -> None:
    """Check that a mask has no other values than some.

    :param path: of the mask, for the message
    :param values: (H, W) uint8
    :param described: the possible values, for people
    :param hint: at what may be wrong, where only a few values are impossible
    :raises DatasetError: it has others
    """
    counts = np.bincount(values.ravel(), minlength=IGNORED + 1)
    counts[list(possible)] = 0
    found = np.flatnonzero(counts)
    if number := int(counts.sum()):
        raise DatasetError(
            f"mask '{path}' has {number} pixels ({number / values.size:.1%}) with impossible values, such as "
            f'{_listed(found)}; possible are {described}; {_ORIGINAL if len(found) > _FEW else hint}'
        )


def _read_mask_file(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    content = _mask_content(path)
    mask = read_samples(content)
    if mask is None:
        mask = _decode(path, content, cv2.IMREAD_UNCHANGED)
    return _of_size(path, mask, shape)


def warn_of_binary_masks(paths: Sequence[Path]) -> None:
    """Warn where the first masks hold 0 and 255 alone: 255 is unlabelled, so that no instrument would be left."""
    for path in paths[:_LOOKED_AT]:
        try:
            content = _mask_content(path)
            samples = read_samples(content)
            values = np.unique(_decode(path, content, cv2.IMREAD_UNCHANGED) if samples is None else samples)
        except DatasetError:
            return  # the frame will say so when it is read
        if IGNORED not in values or len(values) > 2 or values[0] not in (0, IGNORED):
            return
    warnings.warn(
        f"the first masks, from '{paths[0]}' on, have no value but 0 and {IGNORED}, which stands for unlabelled: write "
        'instruments as the ids of their classes, such as 1',
        DatasetWarning,
        stacklevel=3,
    )


def _mask_content(path: Path) -> bytes:
    content = _content(path)
    if content.startswith(_JPEG):
        raise DatasetError(f"mask '{path}' is a JPEG, which changes ids at every border; take the original, or PNG")
    return content


def _of_size(path: Path, mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if mask.shape[:2] != tuple(shape[:2]):
        raise DatasetError(
            f"mask '{path}' has {mask.shape[1]} x {mask.shape[0]} pixels, its image {shape[1]} x {shape[0]}"
        )
    return mask


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise DatasetError(f"'{path}' does not exist")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"'{path}' cannot be read: {error.strerror or error}") from error
    if not content:
        raise DatasetError(f"'{path}' is empty, 0 bytes; remove it, or fetch it again")
    return content


def _decode(path: Path, content: bytes, mode: int) -> np.ndarray:
    if _is_cut_off(content):  # OpenCV fills the rest with grey
        raise DatasetError(f"'{path}' is cut off after {len(content)} bytes; remove it, or fetch it again")
    try:
        image = decode_picture(content, mode)
    except LargePictureError as error:
        raise DatasetError(f"'{path}': {error}") from error
    if image is None:
        raise DatasetError(f"'{path}' cannot be decoded; remove it, or fetch it again")
    return image


def _is_cut_off(content: bytes) -> bool:
    if content.startswith(_JPEG):  # no end of image after the last start of a scan
        return content.rfind(b'\xff\xd9') < content.rfind(b'\xff\xda')
    return content.startswith(b'\x89PNG') and b'IEND' not in content[-4096:]


def _codes(mask: np.ndarray) -> np.ndarray:
    """Return one number per colour, 0 for black; a fourth channel is opacity."""
    blue, green, red = np.moveaxis(mask[..., :3].astype(np.int64), -1, 0)
    return red << 32 | green << 16 | blue


def _colours(image: np.ndarray) -> str:
    distinct = np.unique(image[..., 2::-1].reshape(-1, 3), axis=0)[-3:]
    return ', '.join(str(tuple(map(int, colour))) for colour in distinct)


def _listed(values: np.ndarray) -> str:
    return ', '.join(map(str, values[:_SHOWN].tolist()))
