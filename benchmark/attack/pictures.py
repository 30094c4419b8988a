"""Compressed pictures that are damaged, lie about their size, or are of another format than they say."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from attack.mutation import spoiled

ALLOWED = ('.jpg', '.png')
SUFFIXES = ('.jpg', '.png', '.webp', '.tiff', '.bmp', '.jp2', '.ppm', '.pgm', '.pfm', '.hdr', '.ras', '.gif', '.avif')
_HEIGHT, _WIDTH = 24, 32
_SIDES = (0, 1, 9, 4_000, 24_000, 65_535, 2**24, 2**31 - 1, 2**32 - 1)
_FRAME = (b'\xff\xc0', b'\xff\xc1', b'\xff\xc2')
FORMATS = ('rgb8; jpeg compressed bgr8', 'jpeg', 'png', 'bgr8; png compressed ', 'mono8; jpeg compressed', '', 'tiff')


def blobs(height: int, width: int, chance: random.Random) -> np.ndarray:
    """Return a picture of coloured blobs, (height, width, 3) uint8."""
    coarse = np.frombuffer(chance.randbytes(6 * 8 * 3), np.uint8).reshape(6, 8, 3)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


@lru_cache(maxsize=512)
def picture(suffix: str, number: int) -> bytes:
    """Return a picture of a format, in one of eight ways that cameras and people write it; empty where OpenCV cannot.

    :param number: from 0 to 7
    """
    pixels = blobs(_HEIGHT, _WIDTH, random.Random(number))
    if suffix in ('.pgm',) or number % 4 == 1:
        pixels = pixels[..., 0]
    if suffix in ('.png', '.tiff') and number % 4 == 2:
        pixels = pixels.astype(np.uint16) * 257
    if suffix in ('.hdr', '.pfm'):
        pixels = pixels.astype(np.float32)
    progressive = [cv2.IMWRITE_JPEG_PROGRESSIVE, number // 4] if suffix == '.jpg' else []
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # it would tell what it cannot write
    try:
        encoded = cv2.imencode(suffix, pixels, progressive)[1]
    except cv2.error:  # as of AVIF, where OpenCV was built without
        return b''
    return encoded.tobytes() if isinstance(encoded, np.ndarray) else b''


def good_picture(chance: random.Random) -> bytes:
    """Return a JPEG or a PNG."""
    return picture(chance.choice(ALLOWED), chance.randrange(8))


def spoiled_picture(good: bytes, chance: random.Random) -> bytes:
    """Return what is no such picture, or pretends to be a larger one."""
    return chance.choice(_CHANGES)(good, chance)


def with_size(data: bytes, width: int, height: int) -> bytes:
    """Return a JPEG or PNG whose header says that it has another size."""
    if data.startswith(b'\x89PNG'):
        header = struct.pack('>II', width % 2**32, height % 2**32) + data[24:29]
        return data[:16] + header + struct.pack('>I', zlib.crc32(b'IHDR' + header)) + data[33:]
    at = max(data.find(frame) for frame in _FRAME)
    return data[: at + 5] + struct.pack('>HH', height % 2**16, width % 2**16) + data[at + 9 :]


def _resize(good: bytes, chance: random.Random) -> bytes:
    return with_size(good, chance.choice(_SIDES), chance.choice(_SIDES))


def _disguise(_: bytes, chance: random.Random) -> bytes:
    return picture(chance.choice(SUFFIXES), chance.randrange(8))


def _disguise_and_damage(good: bytes, chance: random.Random) -> bytes:
    return spoiled(_disguise(good, chance), chance)


def _hide(good: bytes, chance: random.Random) -> bytes:
    """Return one picture behind the beginning of another."""
    other = picture(chance.choice(SUFFIXES), chance.randrange(8))
    return good[: chance.randrange(len(good))] + other + good[chance.randrange(len(good)) :]


def _scan_often(good: bytes, chance: random.Random) -> bytes:
    at = good.rfind(b'\xff\xda')
    return good[:at] + good[at:-2] * chance.choice((2, 20, 120)) + good[-2:] if at > 0 else good[: len(good) // 2]


def _cut(good: bytes, chance: random.Random) -> bytes:
    return good[: chance.randrange(len(good))]


def _follow(good: bytes, chance: random.Random) -> bytes:
    return good + chance.randbytes(chance.choice((1, 100, 10_000)))


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(spoiled, spoiled, spoiled, _resize, _resize, _disguise, _disguise_and_damage, _hide, _scan_often, _cut, _follow),
)
