"""Every frame of a video stream that can be had: past damage, counting what is damaged or missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from av import Packet, VideoFrame, logging
from av.container import InputContainer
from av.error import EOFError as EndOfStreamError
from av.error import FFmpegError
from av.video.frame import PictureType
from av.video.stream import VideoStream

from mt3dnet_ros.media.frame_source import FrameLosses

_INTRA_ONLY = 0x0001  # AV_CODEC_PROP_INTRA_ONLY
_MOST_FAILURES = 100  # reads in a row that may fail before the rest of a file is given up
_KEEPS_COUNT = frozenset(('h264', 'hevc'))  # one frame for each packet of a stream that is not interlaced
_STATES_DURATION = frozenset(('asf', 'flv', 'matroska,webm'))  # in its head, so that a cut file can be told from it
_LEAST_CUT = 3  # pictures that have to be missing at the end of such a file


class DecodedFrame(NamedTuple):
    """A frame as a decoder gives it, and whether a part of it is guessed."""

    frame: VideoFrame
    damaged: bool


class FrameDecoder:
    """Decodes one stream of a container, once.

    :param losses: to count in
    :param announced: how many frames there should be; 0 where nothing says it
    """

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        losses: FrameLosses,
        announced: int = 0,
    ) -> None:
        self._container, self._stream, self._losses, self._announced = container, stream, losses, announced
        self._context = stream.codec_context
        self._damaged_times: set[int | None] = set()
        self._packets = self._frames = self._undecodable = self._unreadable = 0
        self._interlaced = False
        self._suspect = False  # pictures refer to damaged ones
        self._end = 0.0  # of the packets so far, in seconds
        self._alone = bool(stream.codec.properties & _INTRA_ONLY)  # no picture refers to another
        # Without frame threads no frame waits in the decoder while another's error is raised; and of pictures that
        # refer to others FFmpeg marks the damaged ones in a single thread only.
        self._context.thread_type = 'SLICE'
        self._context.thread_count = 2 if self._alone else 1

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
            self._note_damage(packet)
        yield packet

    def _decode(self, packet: Packet | None) -> list[VideoFrame]:
        before = _errors_told()
        try:
            frames = self._context.decode(packet)
        except EndOfStreamError:
            return []
        except FFmpegError as error:
            self._undecodable += 1
            self._suspect = not self._alone
            self._losses.miss(1, f'cannot be decoded: {error.strerror}')
            return []
        if packet is not None and _errors_told() > before:
            self._note_damage(packet)
        return frames

    def _note_damage(self, packet: Packet) -> None:
        if packet.pts is None:
            self._suspect = True
        else:
            self._damaged_times.add(packet.pts)

    def _examine(self, frame: VideoFrame) -> bool:
        self._frames += 1
        frame.time_base = frame.time_base or self._stream.time_base  # without one at the end of the stream
        self._interlaced = self._interlaced or frame.interlaced_frame
        hit = frame.is_corrupt or frame.pts in self._damaged_times
        self._suspect = (self._suspect and not frame.key_frame) or (
            hit and not self._alone and frame.pict_type != PictureType.B
        )
        if hit or self._suspect:
            self._losses.damage('damaged data, and what is built upon it until the next key frame')
        return hit or self._suspect

    def _count_missing(self) -> None:
        """Count what the file announces, or has begun, and did not give."""
        kept_back = self._packets - self._frames - self._undecodable
        if self._stream.codec.name in _KEEPS_COUNT and not self._interlaced and kept_back > 0:
            self._losses.miss(kept_back, 'pictures that refer to missing ones')
        cut = self._cut_pictures()
        if cut > 0:
            self._losses.miss(cut, 'the file ends before its announced end')

    def _cut_pictures(self) -> int:
        if self._announced:
            return self._announced - self._packets
        duration = self._container.duration
        if not duration or self._container.format.name not in _STATES_DURATION:
            return self._unreadable
        missing = round((1e-6 * duration - self._end) * float(self._stream.average_rate or 0))
        return missing if missing >= _LEAST_CUT else self._unreadable


def _errors_told() -> int:
    """Return how many errors FFmpeg has told of so far; many a decoder conceals damage, and does not mark the frame."""
    if logging.get_level() is None:
        logging.set_level(logging.PANIC)  # counts errors, and prints none
    return logging.get_last_error()[0]
