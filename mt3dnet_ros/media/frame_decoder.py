"""Every frame of a video stream that can be had: past damage, counting what is damaged or missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

from av import Packet, VideoFrame
from av.container import InputContainer
from av.error import EOFError as EndOfStreamError
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from mt3dnet_ros.media.frame_source import FrameLosses

_INTRA_ONLY = 0x0001  # AV_CODEC_PROP_INTRA_ONLY
_MOST_FAILURES = 100  # reads in a row that may fail before the rest of a file is given up
_KEEPS_COUNT = frozenset(('h264', 'hevc'))  # one frame for each packet of a stream that is not interlaced
_STATES_DURATION = frozenset(('asf', 'flv', 'matroska,webm'))  # in its head, so that a cut file can be told from it
_LEAST_CUT = 0.5  # s by which a file has to end early to be counted as cut


class DecodedFrame(NamedTuple):
    """A frame as a decoder gives it, and whether a part of it is guessed."""

    frame: VideoFrame
    damaged: bool


class FrameDecoder:
    """Decodes one stream of a container, once.

    :param lenient: opens a second decoder of the stream, for pictures that the strict one refuses
    :param losses: to count in
    """

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        lenient: Callable[[], VideoCodecContext],
        losses: FrameLosses,
    ) -> None:
        self._container, self._stream, self._losses = container, stream, losses
        self._context = stream.codec_context
        self._open_lenient = lenient
        self._lenient: VideoCodecContext | None = None
        self._damaged_times: set[int | None] = set()
        self._packets = self._frames = self._undecodable = self._unreadable = 0
        self._interlaced = False
        self._end = 0.0  # of the packets so far, in seconds
        # Pictures that need no other may be decoded twice, so that damage is told; the others' decoders mark it.
        self._alone = bool(stream.codec.properties & _INTRA_ONLY)
        if self._alone:
            self._context.options = {'err_detect': 'explode'}
        # Without frame threads no frame waits in the decoder while another's error is raised.
        self._context.thread_type = 'SLICE'
        self._context.thread_count = 2

    def __iter__(self) -> Iterator[DecodedFrame]:
        """Yield frames in the order in which they are shown."""
        for packet in self._readable_packets():
            for frame in self._decode(packet):
                yield DecodedFrame(frame, self._examine(frame))
        self._count_missing()

    def _readable_packets(self) -> Iterator[Packet | None]:
        """Yield the stream's packets, and None at the end."""
        failures = 0
        while failures < _MOST_FAILURES:
            try:
                for packet in self._container.demux():
                    failures = 0
                    if packet.size:  # an empty one would end the decoder
                        yield from self._of_stream(packet)
                break
            except FFmpegError as error:
                failures += 1
                self._unreadable += 1
                self._losses.add_reason(f'unreadable part: {error.strerror}')
        yield None

    def _of_stream(self, packet: Packet) -> Iterator[Packet]:
        end = packet.pts if packet.pts is not None else packet.dts
        if end is not None and packet.time_base:
            self._end = max(self._end, float((end + (packet.duration or 0)) * packet.time_base))
        if packet.stream_index != self._stream.index:
            return
        self._packets += 1
        if packet.is_corrupt:
            self._damaged_times.add(packet.pts)
        yield packet

    def _decode(self, packet: Packet | None) -> list[VideoFrame]:
        try:
            return self._context.decode(packet)
        except EndOfStreamError:
            return []
        except FFmpegError as error:
            return self._decode_damaged(packet, error)

    def _decode_damaged(self, packet: Packet | None, error: FFmpegError) -> list[VideoFrame]:
        frames: list[VideoFrame] = []
        if self._alone and packet is not None:
            self._lenient = self._lenient or self._open_lenient()
            with suppress(FFmpegError):
                frames = self._lenient.decode(packet)
        self._damaged_times.update(frame.pts for frame in frames)
        if not frames:
            self._undecodable += 1
            self._losses.miss(1, f'cannot be decoded: {error.strerror}')
        return frames

    def _examine(self, frame: VideoFrame) -> bool:
        self._frames += 1
        self._interlaced = self._interlaced or frame.interlaced_frame
        damaged = frame.is_corrupt or frame.pts in self._damaged_times
        if damaged:
            self._losses.damage('damaged data')
        return damaged

    def _count_missing(self) -> None:
        """Count what the file announces, or has begun, and did not give."""
        kept_back = self._packets - self._frames - self._undecodable
        if self._stream.codec.name in _KEEPS_COUNT and not self._interlaced and kept_back > 0:
            self._losses.miss(kept_back, 'pictures that refer to missing ones')
        cut = self._cut_pictures()
        if cut > 0:
            self._losses.miss(cut, 'the file ends before its announced end')

    def _cut_pictures(self) -> int:
        if self._stream.frames:
            return self._stream.frames - self._packets
        duration = self._container.duration
        if not duration or self._container.format.name not in _STATES_DURATION:
            return self._unreadable
        early = 1e-6 * duration - self._end
        rate = float(self._stream.average_rate or 0)
        return round(early * rate) if early > _LEAST_CUT else self._unreadable
