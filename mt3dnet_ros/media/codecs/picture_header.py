"""The headers of compressed pictures: their size is known before anything is decoded."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Literal

_PNG = b'\x89PNG\r\n\x1a\n'
_JPEG = b'\xff\xd8'
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG's markers of a frame: its size follows
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # JPEG's markers without a length
_TIFF = {b'II*\0': '<', b'MM\0*': '>'}  # first bytes, and the order of the bytes in numbers
_TIFF_KINDS = {3: 'H', 4: 'I'}  # of numbers
_BMP = b'BM'
_PNM = re.compile(rb'P[1-6](?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,9})\s')
_WIDTHS, _HEIGHTS = (256, 322), (257, 323)  # tags of the picture's side, and of a tile's
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

    codec: Literal['jpeg', 'png', 'webp', 'tiff', 'bmp', 'pnm']
    width: int
    height: int


CODECS = ('jpeg', 'png', 'webp', 'tiff')  # of messages; files may be bmp and pnm as well


def read_header(data: bytes) -> PictureHeader | None:
    """Return the header of data of a known codec; None where they are something else, or end before it does."""
    if data.startswith(_JPEG):
        return _read_jpeg(data)
    if data.startswith(_PNG):
        return _read_png(data)
    if data.startswith(b'RIFF') and data[8:12] == b'WEBP':
        return _read_webp(data)
    if data.startswith(_BMP):
        return _read_bmp(data)
    if found := _PNM.match(data):
        return PictureHeader('pnm', int(found[1]), int(found[2]))
    return _read_tiff(data) if data.startswith(tuple(_TIFF)) else None


def has_whole_chunks(data: bytes) -> bool:
    """Return whether each chunk of a PNG, up to its end, is as long as it says.

    OpenCV makes room for what a chunk says: 4 GB for a file of 800 bytes.
    """
    at = len(_PNG)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from('>I4s', data, at)
        at += 12 + length
        if kind == b'IEND':
            return at <= len(data)
    return False


def guess_codec(data: bytes) -> str:
    """Return what other data look like, such as ``webp``; empty for what is not known."""
    return next((name for start, name in _OTHERS.items() if data.startswith(start)), '')


def _read_png(data: bytes) -> PictureHeader | None:
    if len(data) < 24 or data[12:16] != b'IHDR':
        return None
    return PictureHeader('png', *struct.unpack('>II', data[16:24]))


def _read_bmp(data: bytes) -> PictureHeader | None:
    if len(data) < 26:
        return None
    is_old = data[14:18] == b'\x0c\0\0\0'  # a head of 12 bytes; in later ones a height below 0 turns it upside down
    width, height = struct.unpack_from('<HH' if is_old else '<ii', data, 18)
    return PictureHeader('bmp', abs(width), abs(height))


def _read_webp(data: bytes) -> PictureHeader | None:
    """Read the first chunk: of a canvas with more to come, of a lossless, or of a lossy picture."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        return None
    if kind == b'VP8X':
        width, height = (1 + int.from_bytes(body[at : at + 3], 'little') for at in (4, 7))
    elif kind == b'VP8L' and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], 'little')
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b'VP8 ' and body[3:6] == b'\x9d\x01\x2a':
        width, height = (side & 0x3FFF for side in struct.unpack('<HH', body[6:10]))
    else:
        return None
    return PictureHeader('webp', width, height)


def _read_tiff(data: bytes) -> PictureHeader | None:
    """Read the first directory; tiles larger than the picture count, as room is made for them."""
    order = _TIFF[data[:4]]
    (at,) = struct.unpack_from(f'{order}I', data, 4) if len(data) >= 8 else (len(data),)
    if at + 2 > len(data):
        return None
    (count,) = struct.unpack_from(f'{order}H', data, at)
    sides = dict.fromkeys((*_WIDTHS, *_HEIGHTS), 0)
    for entry in range(at + 2, min(at + 2 + 12 * count, len(data) - 11), 12):
        tag, kind = struct.unpack_from(f'{order}HH', data, entry)
        if tag in sides and kind in _TIFF_KINDS:
            (sides[tag],) = struct.unpack_from(order + _TIFF_KINDS[kind], data, entry + 8)
    if not (sides[_WIDTHS[0]] and sides[_HEIGHTS[0]]):
        return None
    return PictureHeader('tiff', max(sides[tag] for tag in _WIDTHS), max(sides[tag] for tag in _HEIGHTS))


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
