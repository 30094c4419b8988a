"""The pictures of a video file, whatever its container, codec and pixel format, by PyAV (FFmpeg)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from typing import IO

from av import VideoFrame
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from mt3dnet_ros.errors import describe_os_error
from mt3dnet_ros.media.containers.container import is_list, open_container
from mt3dnet_ros.media.deinterlacer import deinterlaced
from mt3dnet_ros.media.frame_decoder import FrameDecoder
from mt3dnet_ros.media.frame_pixels import FramePixels, upright
from mt3dnet_ros.media.frame_source import DEFAULT_RATE, FrameLosses, SourceError, TimedImage
from mt3dnet_ros.media.picture_times import PictureTimes

_STILL = Disposition.attached_pic | Disposition.timed_thumbnails
_MAY_LEAP = 0x0200  # AVFMT_TS_DISCONT
_PLAUSIBLE = 1.0, 120.0  # pictures per second; of what lies outside, the time stamps are asked


class VideoFile:
    """The pictures of a video file: one per frame, deinterlaced, upright, as many pixels as are stored.

    :param path: of the file
    :param open_file: gives what to read in place of the file, where the video lies inside of it
    :param count: of its pictures, where something else announces it
    :param times: of the pictures in seconds, where something else knows better than the video
    :raises SourceError: it is no video, or has no picture that can be decoded
    """

    is_live = False

    def __init__(
        self,
        path: Path,
        open_file: Callable[[], IO[bytes]] | None = None,
        count: int = 0,
        times: Sequence[Fraction] | None = None,
    ) -> None:
        self._path, self._open_file, self._times = path, open_file, times
        self.losses = FrameLosses()
        with closing(self._open()) as container:
            stream = self._stream_of(container)
            self.count = count or stream.frames
            self.rate = _mean_rate(times) or _rate(container, stream)
        first = next(iter(self), None)
        if first is None:
            raise SourceError(f"video '{path}' has no picture that can be decoded{self._reasons()}")
        self.size = first.image.shape[1], first.image.shape[0]

    def __iter__(self) -> Iterator[TimedImage]:
        self.losses = losses = FrameLosses()
        with closing(self._open()) as container:
            stream = self._stream_of(container)
            frames = FrameDecoder(container, stream, losses, self.count)
            times = PictureTimes(round(1e9 / self.rate), bool(container.format.flags & _MAY_LEAP))
            yield from self._images(frames, stream, times)

    def _images(self, frames: FrameDecoder, stream: VideoStream, times: PictureTimes) -> Iterator[TimedImage]:
        pixels = FramePixels()
        whole = deinterlaced(frames, stream.codec.name, stream.codec_context.field_order)
        for number, ((frame, damaged), picture) in enumerate(whole):
            time = self._times[number] if self._times and number < len(self._times) else _time_of(frame)
            yield TimedImage(upright(pixels(picture), frame), times.stamp(time), damaged)

    def _open(self) -> InputContainer:
        try:
            return open_container(self._path, self._open_file() if self._open_file else None)
        except OSError as error:  # the file's own
            raise SourceError(
                f"video '{self._path}' cannot be opened: {describe_os_error(error, self._path)}"
            ) from error
        except FFmpegError as error:
            raise SourceError(f"video '{self._path}' cannot be opened; {_why(self._path)}") from error

    def _stream_of(self, container: InputContainer) -> VideoStream:
        streams = [stream for stream in container.streams.video if not stream.disposition & _STILL]
        if not streams:
            raise SourceError(f"video '{self._path}' has no pictures, only {_kinds(container)}")
        best = container.streams.best('video')
        stream = next((stream for stream in streams if stream is best), streams[0])
        if stream.codec_context is None:
            raise SourceError(f"video '{self._path}' is of a codec that FFmpeg cannot decode; convert it to H.264")
        return stream

    def _reasons(self) -> str:
        return f': {"; ".join(self.losses.reasons)}' if self.losses.reasons else ''


def _time_of(frame: VideoFrame) -> Fraction | None:
    time = frame.pts if frame.pts is not None else frame.dts
    return None if time is None or frame.time_base is None else Fraction(time * frame.time_base)


def _mean_rate(times: Sequence[Fraction] | None) -> float:
    return float((len(times) - 1) / (times[-1] - times[0])) if times and times[-1] > times[0] else 0.0


def _rate(container: InputContainer, stream: VideoStream) -> float:
    """Return the pictures per second that a file states, or else that its first time stamps have."""
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate and _PLAUSIBLE[0] <= rate <= _PLAUSIBLE[1]:
            return float(rate)
    packets = islice(container.demux(stream), 100)
    times = sorted({float(packet.pts * packet.time_base) for packet in packets if packet.pts is not None})
    steps = [second - first for first, second in pairwise(times)]
    return 1.0 / median(steps) if steps else DEFAULT_RATE


def _kinds(container: InputContainer) -> str:
    return ', '.join(sorted({stream.type for stream in container.streams})) or 'nothing that can be read'


def _why(path: Path) -> str:
    """Return what is wrong with a file that FFmpeg cannot open."""
    if 'ftyp' in (atoms := _atoms(path)) and 'moov' not in atoms:
        return (
            'its index (moov) is missing: the recording was cut off before it was finished; record to MKV or '
            'MPEG-TS where that may happen, or rebuild the index with a tool for it'
        )
    if not path.stat().st_size:
        return 'it is empty'
    if is_list(path):
        return 'it is no video, but text that may name other files or addresses, which are not followed'
    return 'it is no video, or of a format that FFmpeg cannot read'


def _atoms(path: Path) -> list[str]:
    """Return the names of the boxes that a QuickTime or MP4 file consists of."""
    names: list[str] = []
    with path.open('rb') as file:
        while len(head := file.read(16)) >= 8 and len(names) < 1000:
            size = int.from_bytes(head[:4], 'big')
            names.append(head[4:8].decode('latin-1'))
            long = size == 1 and len(head) == 16
            size = int.from_bytes(head[8:16], 'big') if long else size
            if size < 8:
                break
            file.seek(size - len(head), 1)
    return names
