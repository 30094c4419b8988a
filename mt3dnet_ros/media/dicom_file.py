"""DICOM files, as recorders of operating rooms export video: their header, and where the pictures lie in them."""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.media.frame_source import DEFAULT_RATE, SourceError

with needs_extra('dicom'):
    from pydicom import dcmread

_PIXEL_DATA, _PIXEL_DATA_BIG = b'\xe0\x7f\x10\x00', b'\x7f\xe0\x00\x10'  # the tag, in both orders of bytes
_ITEM = b'\xfe\xff\x00\xe0'
_VIDEO = re.compile(r'1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?')  # MPEG-2, MPEG-4 AVC and HEVC


class Fragment(NamedTuple):
    """A piece of the compressed pictures: where it begins in the file, and its length, in bytes."""

    offset: int
    length: int


class DicomFile:
    """The header of a DICOM file and the place of its pixel data.

    :raises SourceError: it has no pictures, or is damaged
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open('rb') as file:
                self.header = dcmread(file, stop_before_pixels=True)
                explicit = not self.header.original_encoding[0]
                element = file.read(12 if explicit else 8)
                self.offset = file.tell()
            self.syntax = str(self.header.file_meta.TransferSyntaxUID)
            self.frames = int(self.header.get('NumberOfFrames') or 1)
        except Exception as error:  # of a damaged header pydicom raises whatever it comes upon
            raise SourceError(f"DICOM file '{path}' cannot be read: {error}; export it again") from error
        if not element.startswith((_PIXEL_DATA, _PIXEL_DATA_BIG)):
            raise SourceError(f"DICOM file '{path}' has no pixel data; name a file with pictures")

    @property
    def is_video(self) -> bool:
        """Whether the pictures are one stream of MPEG-2, MPEG-4 or HEVC."""
        return bool(_VIDEO.fullmatch(self.syntax))

    @property
    def rate(self) -> float:
        """Pictures per second, where they come evenly."""
        if period := _number(self.header, 'FrameTime'):
            return 1000.0 / period
        return _number(self.header, 'CineRate') or _number(self.header, 'RecommendedDisplayFrameRate') or DEFAULT_RATE

    def times(self) -> list[Fraction] | None:
        """Return the seconds of each picture since the first; None where the header does not say."""
        steps = self.header.get('FrameTimeVector')
        if steps is not None and not isinstance(steps, str | float | int) and len(steps) == self.frames:
            return [Fraction(str(milliseconds)) / 1000 for milliseconds in accumulate(steps)]
        for name, period in (('FrameTime', lambda value: value / 1000), ('CineRate', lambda value: 1 / value)):
            if value := _number(self.header, name):
                return [number * period(Fraction(str(value))) for number in range(self.frames)]
        return None

    def fragments(self) -> list[Fragment]:
        """Return where the compressed data lies, without the table of offsets before it; a cut file has fewer."""
        with self.path.open('rb') as file:
            return list(_items(file, self.offset))[1:]

    def open_stream(self) -> BinaryIO:
        """Return the compressed data as one file."""
        return io.BufferedReader(_FragmentReader(self.path, self.fragments()))


def _items(file: BinaryIO, offset: int) -> Iterator[Fragment]:
    end = file.seek(0, io.SEEK_END)
    file.seek(offset)
    while len(head := file.read(8)) == 8 and head[:4] == _ITEM:
        length = min(int.from_bytes(head[4:], 'little'), end - file.tell())
        yield Fragment(file.tell(), length)
        file.seek(length, io.SEEK_CUR)


def _number(header: Any, name: str) -> float:
    try:
        return max(0.0, float(header.get(name) or 0))
    except (TypeError, ValueError):
        return 0.0


class _FragmentReader(io.RawIOBase):
    """Pieces of a file, read as if they were one."""

    def __init__(self, path: Path, fragments: list[Fragment]) -> None:
        super().__init__()
        self._file = path.open('rb')
        self._fragments = fragments
        self._starts = [0, *accumulate(fragment.length for fragment in fragments)]
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._starts[-1]}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        number = bisect_right(self._starts, self._position) - 1
        if number >= len(self._fragments):
            return 0
        begin = self._position - self._starts[number]
        self._file.seek(self._fragments[number].offset + begin)
        data = self._file.read(min(len(buffer), self._fragments[number].length - begin))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
