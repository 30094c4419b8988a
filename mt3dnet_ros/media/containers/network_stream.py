"""Pictures from an address, as of a network camera: only by protocols that the user has allowed by name."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing

from av.container import InputContainer
from av.error import FFmpegError

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.containers.container import open_address
from mt3dnet_ros.media.frame_pixels import FramePixels, upright
from mt3dnet_ros.media.frame_source import DEFAULT_RATE, FrameLosses, SourceError, TimedImage

# What FFmpeg needs beneath each protocol.
PROTOCOLS = {
    'http': 'http,tcp',
    'https': 'https,tls,tcp',
    'rtmp': 'rtmp,tcp',
    'rtp': 'rtp,udp',
    'rtsp': 'rtsp,rtp,udp,tcp',
    'srt': 'srt',
    'tcp': 'tcp',
    'udp': 'udp',
}
_ADDRESS = re.compile(r'([a-zA-Z][a-zA-Z0-9+.-]*)://.*')
_PATIENCE = 10.0  # seconds without a picture until the stream is given up


def protocol_of(source: str) -> str:
    """Return the protocol of an address such as ``rtsp://camera/stream``; empty where it is none."""
    match = _ADDRESS.fullmatch(source)
    return match[1].lower() if match else ''


def check_protocol(name: str) -> None:
    """Raise InputError where a protocol cannot be allowed."""
    if name not in PROTOCOLS:
        raise InputError(f"protocol '{name}' cannot be allowed (known: {', '.join(PROTOCOLS)})")


class NetworkStream:
    """The pictures of a network stream, as they come.

    :param allowed: protocols that may be used, of ``PROTOCOLS``
    :raises SourceError: its protocol is not allowed, it cannot be opened, or gives no picture
    """

    is_live = True
    count = 0

    def __init__(self, address: str, allowed: Sequence[str]) -> None:
        self._address, self._protocol = address, protocol_of(address)
        if self._protocol not in allowed or self._protocol not in PROTOCOLS:
            raise SourceError(_refusal(self._protocol))
        self.losses = FrameLosses()
        with closing(self._open()) as container:
            stream = container.streams.video[0]
            self.rate = float(stream.average_rate or stream.guessed_rate or DEFAULT_RATE)
            first = next(self._pictures(container), None)
        if first is None:
            raise SourceError('the network stream gives no picture; is it a video?')
        self.size = first.image.shape[1], first.image.shape[0]

    def __iter__(self) -> Iterator[TimedImage]:
        with closing(self._open()) as container:
            yield from self._pictures(container)
        raise SourceError('the network stream gives no more pictures; was the camera switched off?')

    def _open(self) -> InputContainer:
        try:
            container = open_address(self._address, PROTOCOLS[self._protocol], _PATIENCE)
        except (FFmpegError, OSError) as error:
            reason = getattr(error, 'strerror', None) or str(error)
            raise SourceError(f'the network stream cannot be opened: {reason}') from error
        if not container.streams.video:
            container.close()
            raise SourceError('the network stream has no pictures')
        return container

    def _pictures(self, container: InputContainer) -> Iterator[TimedImage]:
        pixels, start = FramePixels(), time.monotonic_ns()
        try:
            for frame in container.decode(video=0):
                yield TimedImage(upright(pixels(frame), frame), time.monotonic_ns() - start, frame.is_corrupt)
        except (FFmpegError, OSError) as error:
            raise SourceError(f'the network stream has broken off: {error.strerror}') from error


def _refusal(protocol: str) -> str:
    if protocol in PROTOCOLS:
        advice = f"name it in allowed_protocols, as in allowed_protocols:=['{protocol}']"
    else:
        advice = f'there are {", ".join(PROTOCOLS)}, each once allowed_protocols names it'
    return f"a source by the protocol '{protocol}' is not allowed: {advice}; or name a file, a folder or a camera"
