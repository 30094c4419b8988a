"""Interlaced video as whole pictures: one per frame, of the field that was taken first (FFmpeg's bwdif)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from av import VideoFrame
from av.error import FFmpegError
from av.filter import Graph

from mt3dnet_ros.media.frame_decoder import DecodedFrame

# AVFieldOrder: which field is displayed first.
_PARITIES = {2: 'tff', 3: 'bff', 4: 'bff', 5: 'tff'}
# Their decoders mark each frame, which is right where the stream mixes both kinds; of others the stream has to say it.
_MARKS_FRAMES = frozenset(('dvvideo', 'h264', 'hevc', 'mpeg1video', 'mpeg2video', 'mpeg4', 'prores', 'vc1', 'wmv3'))


def deinterlaced(
    frames: Iterable[DecodedFrame], codec: str, field_order: int
) -> Iterator[tuple[DecodedFrame, VideoFrame]]:
    """Yield each frame with the whole picture that it becomes; a progressive frame stays as it is.

    :param codec: FFmpeg's name of what decoded the frames
    :param field_order: of the stream, an ``AVFieldOrder``
    """
    parity = None if codec in _MARKS_FRAMES else _PARITIES.get(field_order)
    weaving: _Deinterlacer | None = None
    for decoded in frames:
        frame = decoded.frame
        if weaving and not weaving.fits(frame):
            yield from weaving.end()
            weaving = None
        if not weaving and (parity or frame.interlaced_frame):
            weaving = _Deinterlacer(frame, parity)
        if weaving:
            yield from weaving.add(decoded)
        else:
            yield decoded, frame
    if weaving:
        yield from weaving.end()


class _Deinterlacer:
    """A filter graph for frames of one size and format; it looks one frame ahead.

    :param parity: of all frames; None to go by the marks of each
    """

    def __init__(self, first: VideoFrame, parity: str | None) -> None:
        self._kind = _kind(first)
        self._waiting: deque[DecodedFrame] = deque()
        self._graph = Graph()
        self._graph.threads = 1
        which = f'parity={parity}:deint=all' if parity else 'parity=auto:deint=interlaced'
        source = self._graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=first.time_base
        )
        bwdif = self._graph.add('bwdif', f'mode=send_frame:{which}')
        sink = self._graph.add('buffersink')
        self._graph.link_nodes(source, bwdif, sink).configure()

    def fits(self, frame: VideoFrame) -> bool:
        return _kind(frame) == self._kind

    def add(self, decoded: DecodedFrame) -> Iterator[tuple[DecodedFrame, VideoFrame]]:
        self._waiting.append(decoded)
        self._graph.vpush(decoded.frame)
        yield from self._ready()

    def end(self) -> Iterator[tuple[DecodedFrame, VideoFrame]]:
        self._graph.vpush(None)
        yield from self._ready()

    def _ready(self) -> Iterator[tuple[DecodedFrame, VideoFrame]]:
        while self._waiting:
            try:
                whole = self._graph.vpull()
            except (FFmpegError, BlockingIOError, EOFError):  # it waits for the next frame, or has ended
                return
            yield self._waiting.popleft(), whole


def _kind(frame: VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name
