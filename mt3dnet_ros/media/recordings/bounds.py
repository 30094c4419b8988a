"""Reading what may say that it is longer than it is, and decompressing what may become longer than any recording."""

from __future__ import annotations

from collections.abc import Iterator
from io import SEEK_SET, BytesIO
from typing import BinaryIO

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.media.recordings.message import UnreadableRecordingError

with needs_extra('recordings'):
    import lz4.frame
    import zstandard

MOST_BYTES = 1_000_000_000  # of a chunk or a message
_PIECE = 1 << 20  # bytes that are decompressed at once


class BoundedFile:
    """A file of which no more room is made than it has bytes, however many are asked for.

    :param stream: open for reading
    :param size: of the file in bytes
    """

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self.size = size

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or as many as there are."""
        left = max(0, self.size - self._stream.tell())
        return self._stream.read(left if size < 0 else min(size, left))

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Go to a place."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._stream.tell()

    def seekable(self) -> bool:
        """Return that places can be gone to."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def decompressed(data: bytes, compression: str, most: int = MOST_BYTES) -> bytes:
    """Return what was compressed.

    :param compression: ``zstd``, ``lz4``, or empty for none
    :param most: bytes that it may have
    :raises UnreadableRecordingError: it has more, or the compression is not known
    :raises Exception: what the libraries raise where the data are damaged
    """
    if compression not in ('zstd', 'lz4', ''):
        raise UnreadableRecordingError(f"compression '{compression}' is not known (known: zstd, lz4)")
    if not compression:
        return data
    found, size = [], 0
    for piece in _zstd_pieces(data) if compression == 'zstd' else _lz4_pieces(data):
        found.append(piece)
        size += len(piece)
        if size > min(most, MOST_BYTES):
            raise UnreadableRecordingError(f'{len(data)} bytes become more than {min(most, MOST_BYTES)}')
    return b''.join(found)


def _zstd_pieces(data: bytes) -> Iterator[bytes]:
    yield from zstandard.ZstdDecompressor().read_to_iter(BytesIO(data), write_size=_PIECE)


def _lz4_pieces(data: bytes) -> Iterator[bytes]:
    decompressor = lz4.frame.LZ4FrameDecompressor()
    piece = decompressor.decompress(data, max_length=_PIECE)
    while piece or not decompressor.eof:
        yield piece
        if decompressor.eof:
            return
        if decompressor.needs_input:
            raise UnreadableRecordingError('the compressed data end too early')
        piece = decompressor.decompress(b'', max_length=_PIECE)
