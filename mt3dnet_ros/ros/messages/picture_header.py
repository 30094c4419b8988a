"""The headers of JPEG and PNG data: their size is known before anything is decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

_PNG = b'\x89PNG\r\n\x1a\n'
_JPEG = b'\xff\xd8'
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG's markers of a frame: its size follows
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # JPEG's markers without a length
_OTHERS = {  # first bytes of what is sent in their place
    b'RIFF': 'webp',
    b'II*\0': 'tiff',
    b'MM\0*': 'tiff',
    b'BM': 'bmp',
    b'qoif': 'qoi',
    b'OggS': 'theora',
    b'\0\0\0\x01': 'h264',
    b'\0\0\x01': 'h264',
}


@dataclass(frozen=True)
class PictureHeader:
    """What a picture says of itself: width and height in pixels."""

    codec: Literal['jpeg', 'png']
    width: int
    height: int


def read_header(data: bytes) -> PictureHeader | None:
    """Return the header of JPEG or PNG data; None where they are something else, or end before it does."""
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack('>II', data[16:24])
        return PictureHeader('png', width, height)
    return _read_jpeg(data) if data.startswith(_JPEG) else None


def guess_codec(data: bytes) -> str:
    """Return what other data look like, such as ``webp``; empty for what is not known."""
    return next((name for start, name in _OTHERS.items() if data.startswith(start)), '')


def _read_jpeg(data: bytes) -> PictureHeader | None:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack('>HH', data[at + 5 : at + 9])
            return PictureHeader('jpeg', width, height)
        if marker == 0xFF:  # a filler
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], 'big')
    return None
