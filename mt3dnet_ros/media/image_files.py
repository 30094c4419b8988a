"""Images in files of their own: listed in natural order, and read as 8-bit colour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.errors import describe_os_error
from mt3dnet_ros.media.codecs.picture_decoder import LargePictureError, decode_picture
from mt3dnet_ros.media.frame_source import DEFAULT_RATE, FrameLosses, SourceError, TimedImage

IMAGE_SUFFIXES = frozenset(('.bmp', '.jpeg', '.jpg', '.png', '.ppm', '.tif', '.tiff', '.webp'))
_WITH_ALPHA = frozenset(('.png', '.tif', '.tiff', '.webp'))
_DEPTHS = (8, 10, 12, 14, 16)  # bits that cameras have


class ImageFolder:
    """The images of a folder, in natural order; one that cannot be decoded is left out and counted.

    :raises SourceError: none can be decoded
    """

    is_live = False
    rate = DEFAULT_RATE

    def __init__(self, path: Path) -> None:
        self._images = list_images(path)
        self.count = len(self._images)
        self.losses = FrameLosses()
        first = next(iter(self), None)
        if first is None:
            raise SourceError(f"folder '{path}' has no image that can be decoded: {self.losses.reasons[0]}")
        self.size = first.image.shape[1], first.image.shape[0]

    def __iter__(self) -> Iterator[TimedImage]:
        self.losses = FrameLosses()
        for index, path in enumerate(self._images):
            image = self._read(path)
            if image is not None:
                yield TimedImage(image, round(1e9 * index / self.rate))

    def _read(self, path: Path) -> np.ndarray | None:
        try:
            return read_image(path)
        except SourceError as error:
            self.losses.miss(1, str(error))
            return None


def list_images(folder: Path) -> list[Path]:
    """Return the images of a folder in natural order, hidden files left out.

    :raises SourceError: there is none
    """
    found = (path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file())
    images = sorted((path for path in found if not path.name.startswith('.')), key=natural_order)
    if not images:
        raise SourceError(f"folder '{folder}' has no image (looked for {', '.join(sorted(IMAGE_SUFFIXES))})")
    return images


def natural_order(path: Path) -> list[tuple[int, int | str]]:
    """Return the key that sorts ``frame10`` after ``frame9``."""
    parts = re.split(r'(\d+)', path.name.lower())
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]


def read_image(path: Path) -> np.ndarray:
    """Return an image, (H, W, 3) uint8 RGB: upright by its EXIF orientation, more than 8 bits scaled, alpha on black.

    :raises SourceError: it cannot be read or decoded
    """
    try:
        code = np.frombuffer(path.read_bytes(), np.uint8)
        pixels = _decode(code, path.suffix.lower() in _WITH_ALPHA) if code.size else None
    except OSError as error:
        raise SourceError(f"image '{path}' cannot be read: {describe_os_error(error, path)}") from error
    except LargePictureError as error:
        raise SourceError(f"image '{path}': {error}") from error
    if pixels is None:
        raise SourceError(f"image '{path}' cannot be decoded; remove it or replace it")
    return pixels


def _decode(code: np.ndarray, may_have_alpha: bool) -> np.ndarray | None:
    if may_have_alpha:
        image = decode_picture(code, cv2.IMREAD_UNCHANGED)
        if image is not None and image.ndim == 3 and image.shape[2] == 4:
            return cv2.cvtColor(_on_black(to_8_bits(image)), cv2.COLOR_BGR2RGB)
    image = decode_picture(code, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    return None if image is None else cv2.cvtColor(to_8_bits(image), cv2.COLOR_BGR2RGB)


def _on_black(image: np.ndarray) -> np.ndarray:
    opacity = image[..., 3:].astype(np.float32) / 255.0
    return (image[..., :3] * opacity).round().astype(np.uint8)


def to_8_bits(image: np.ndarray) -> np.ndarray:
    """Return an image with 8 bits: integers by the fewest bits a camera has that hold their largest, floats from 1.0.

    :param image: uint8, or any other integers from 0, or floats from 0 to 1
    """
    if image.dtype == np.uint8:
        return image
    if np.issubdtype(image.dtype, np.floating):
        full = 1.0
    else:
        largest = int(image.max(initial=0))
        full = float(2 ** next((bits for bits in _DEPTHS if largest < 2**bits), 16) - 1)
    return (np.nan_to_num(image).clip(0, full) * (255.0 / full)).round().astype(np.uint8)
