"""Open a video as a container of FFmpeg that reads nothing else: no other file, no address, no device."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import IO

import av
from av.container import InputContainer
from av.format import ContainerFormat

# Lists of other files and addresses, programs, and text as a picture. Some probe by content, whatever a file is called.
_REACH_FURTHER = frozenset(
    [
        'avisynth',
        'concat',
        'dash',
        'hls',
        'imf',
        'lavfi',
        'libopenmpt',
        'mpegts_raw',
        'rtp',
        'rtsp',
        'sap',
        'sdp',
        'tedcaptions',
        'tty',
        'vapoursynth',
        'vobsub',
        'webm_dash_manifest',
    ]
)
_NO_FILE = 0x0001  # AVFMT_NOFILE, of devices and of patterns of names
_LISTS = (b'#EXTM3U', b'ffconcat', b'<?xml', b'<MPD', b'v=0', b'[playlist]', b'#!')


def open_container(path: Path, content: IO[bytes] | None = None) -> InputContainer:
    """Return the container of a file.

    :param content: what to read in its place, where the video lies inside of it
    :raises OSError, FFmpegError: it cannot be opened, or is of a format that could name something else
    """
    protocols = 'file' if content is None else 'none'  # of content that is handed over nothing has to be opened
    options = {'protocol_whitelist': protocols, 'format_whitelist': self_contained_formats()}
    return av.open(content or f'file:{path}', 'r', options=options, metadata_errors='replace')


def open_address(address: str, protocols: str, timeout: float) -> InputContainer:
    """Return the container of a network stream.

    :param protocols: of FFmpeg, between commas: all that may be used on the way
    :param timeout: seconds that opening, and each reading, may take
    :raises OSError, FFmpegError: it cannot be opened
    """
    formats = f'{self_contained_formats()},rtsp' if address.startswith('rtsp') else self_contained_formats()
    options = {'protocol_whitelist': protocols, 'format_whitelist': formats}
    return av.open(address, 'r', options=options, timeout=timeout, metadata_errors='replace')


@lru_cache(maxsize=1)
def self_contained_formats() -> str:
    """Return the names of the formats whose files hold all that they need, between commas."""
    names = filter(_is_self_contained, sorted(av.formats_available))
    return ','.join(names)


def _is_self_contained(name: str) -> bool:
    if _REACH_FURTHER & set(name.split(',')):
        return False
    try:
        kind = ContainerFormat(name, 'r')
    except ValueError:  # only written
        return False
    return not kind.flags & _NO_FILE


def is_list(path: Path) -> bool:
    """Return whether a file begins as one that names others."""
    with path.open('rb') as file:
        return file.read(512).lstrip(b'\xef\xbb\xbf \t\r\n').startswith(_LISTS)
