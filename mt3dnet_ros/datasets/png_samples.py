"""The numbers that a PNG of few colours or of few bits stores, which decoders replace by colours or stretch to 255.

The samples of a palette and those of a grey image of the same depth lie in a file in the same way. A mask with a
palette is therefore decoded as a grey image, and a decoder's stretching of 1, 2 and 4 bits is taken back.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np

from mt3dnet_ros.media.codecs.picture_decoder import decode_picture

_SIGNATURE = b'\x89PNG\r\n\x1a\n'
_GREY, _PALETTE = 0, 3  # colour types
_STRETCH = {1: 255, 2: 85, 4: 17, 8: 1}  # by the bits of a sample
_OF_COLOURS = (b'PLTE', b'tRNS', b'bKGD', b'hIST', b'sBIT')


def read_samples(content: bytes) -> np.ndarray | None:
    """Return palette indices, or grey values of fewer than 8 bits as they are stored, (H, W) uint8.

    :param content: of the file
    :returns: None for all other files
    """
    if not content.startswith(_SIGNATURE) or len(content) < 33:
        return None
    bits, colour_type = content[24], content[25]
    if colour_type != _PALETTE and not (colour_type == _GREY and bits < 8):
        return None
    grey = decode_picture(_as_grey(content), cv2.IMREAD_UNCHANGED)
    if grey is None or grey.ndim != 2 or grey.dtype != np.uint8:
        return None
    return grey // np.uint8(_STRETCH[bits])


def _as_grey(content: bytes) -> bytes:
    return _SIGNATURE + b''.join(_grey_chunk(kind, data) for kind, data in _chunks(content) if kind not in _OF_COLOURS)


def _grey_chunk(kind: bytes, data: bytes) -> bytes:
    if kind == b'IHDR':
        data = data[:9] + bytes([_GREY]) + data[10:]
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(_SIGNATURE)
    while position + 12 <= len(content):
        (length,) = struct.unpack_from('>I', content, position)
        yield content[position + 4 : position + 8], content[position + 8 : position + 8 + length]
        position += 12 + length
