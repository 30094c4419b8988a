"""A video file that browsers play: H.264, or else VP9, of 4:2:0, in an MP4 whose index comes first."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import cast

import av
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.reformatter import Colorspace, VideoReformatter
from av.video.stream import VideoStream

from mt3dnet_ros.errors import MT3DNetError, describe_os_error

CODECS = ('libx264', 'libvpx-vp9')
_OPTIONS = {
    # Its macroblock tree reads memory that was never written: the same pictures would give other bytes.
    'libx264': {'crf': '18', 'preset': 'veryfast', 'x264-params': 'mbtree=0'},
    'libvpx-vp9': {'crf': '24', 'b': '0', 'deadline': 'realtime', 'cpu-used': '6'},
}
_CLOCK = 90_000  # ticks per second of the stamps
_BT709, _BT601 = 1, 6  # of AVColorSpace
_LIMITED = 1  # of AVColorRange


class VideoWriteError(MT3DNetError, OSError):
    """A video that cannot be written."""


class VideoWriter:
    """Writes pictures to an MP4 file; a context manager. Odd sizes get a row or a column more.

    :param rate: pictures per second, where they come evenly
    :param size: height and width in pixels
    :raises VideoWriteError: the file cannot be made
    """

    def __init__(self, path: Path, rate: float, size: tuple[int, int]) -> None:
        self.path = path
        self._rate, self._size = rate, size
        self._reformatter = VideoReformatter()
        self._matrix = Colorspace.ITU709 if size[1] >= 1280 or size[0] > 576 else Colorspace.ITU601
        self._count = 0
        self._first, self._last = 0, -1
        try:
            path.open('wb').close()  # FFmpeg would fail with the first picture only
            options = {'movflags': '+faststart'}
            self._file: OutputContainer = av.open(f'file:{path}', 'w', format='mp4', container_options=options)
            self._stream = self._add_stream()
        except (OSError, FFmpegError) as error:
            raise self._failure(error) from error

    def write(self, picture: np.ndarray, stamp: int | None = None) -> None:
        """Append a picture, (H, W, 3) uint8, red first.

        :param stamp: of the picture in nanoseconds, rising; None for even ones of the rate
        :raises VideoWriteError: it has another size, or the disk is full
        """
        if picture.shape[:2] != self._size:
            raise VideoWriteError(
                f"video '{self.path}': a picture of {picture.shape[1]} x {picture.shape[0]} pixels does not fit into "
                f'one of {self._size[1]} x {self._size[0]}; scale it'
            )
        image = np.ascontiguousarray(np.pad(picture, [(0, self._size[0] % 2), (0, self._size[1] % 2), (0, 0)], 'edge'))
        frame = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(image), format='yuv420p', dst_colorspace=self._matrix, threads=1
        )
        frame.pts, frame.time_base = self._next_tick(stamp), Fraction(1, _CLOCK)
        self._encode(frame)
        self._count += 1

    def _add_stream(self) -> VideoStream:
        codec = next(name for name in CODECS if name in av.codecs_available)
        rate = Fraction(self._rate).limit_denominator(1001)
        stream = cast(VideoStream, self._file.add_stream(codec, rate, options=_OPTIONS[codec]))
        height, width = self._size
        stream.height, stream.width, stream.pix_fmt = height + height % 2, width + width % 2, 'yuv420p'
        context = stream.codec_context
        context.time_base, context.thread_count = Fraction(1, _CLOCK), 2
        context.colorspace = _BT709 if self._matrix == Colorspace.ITU709 else _BT601
        context.color_range = _LIMITED
        return stream

    def _next_tick(self, stamp: int | None) -> int:
        if stamp is None:
            tick = round(self._count * _CLOCK / self._rate)
        else:
            self._first = self._first if self._count else stamp
            tick = round((stamp - self._first) * _CLOCK / 1e9)
        self._last = max(self._last + 1, tick)
        return self._last

    def _encode(self, frame: av.VideoFrame | None) -> None:
        try:
            self._file.mux(self._stream.encode(frame))
        except (OSError, FFmpegError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> VideoWriteError:
        why = describe_os_error(error, self.path) if isinstance(error, OSError) else str(error)
        return VideoWriteError(f"video '{self.path}' cannot be written: {why}")

    def close(self) -> None:
        """Complete the file; without a picture there is none.

        :raises VideoWriteError: the disk is full
        """
        if not self._count:
            self._file.close()
            self.path.unlink(missing_ok=True)
            return
        try:
            self._encode(None)
            self._file.close()
        except (OSError, FFmpegError) as error:
            raise error if isinstance(error, VideoWriteError) else self._failure(error) from error

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        with suppress(VideoWriteError):  # what failed before is what is told
            self.close()
