"""The names of video sockets of a da Vinci Research Kit, and which of them are live."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from mt3dnet_ros.errors import MT3DNetError

_NAME = re.compile(r'@?(dvrk|dvrk_gst):([^:\s@]+):([^:\s@]+)')
_STALE = 'dvrk_gst'  # of dvrk_data until 2026
_LONGEST = 107  # bytes of an abstract socket's name, of <sys/un.h>
_LISTENING = 0x10000  # __SO_ACCEPTCON of <linux/net.h>
_EYES = {'left': 'right', 'right': 'left'}


class SocketNameError(MT3DNetError, ValueError):
    """A name that no video socket can have."""


@dataclass(frozen=True)
class VideoSocket:
    """The name of an abstract UNIX socket that carries video: ``@dvrk:<role>:<name>``.

    :param role: what sends, such as ``stereo_source``
    :param name: which of its pictures, such as ``left``
    :param remark: what the user should know of the name as it was given; empty where nothing
    """

    role: str
    name: str
    remark: str = ''

    def __str__(self) -> str:
        return f'@{self.path}'

    @property
    def path(self) -> str:
        """The name as GStreamer's ``socket-path`` takes it, with ``socket-type=abstract``."""
        return f'dvrk:{self.role}:{self.name}'

    @property
    def eye(self) -> str:
        """The eye that it carries, by its name: ``left``, ``right``, or empty where that is not said."""
        return self.name if self.name in _EYES else ''

    @property
    def is_side_by_side(self) -> bool:
        """Whether it carries both eyes in one picture, by its name: dvrk_data's ``stereo``, ``stereo_source``."""
        return self.name.startswith('stereo')

    def of_eye(self, eye: str) -> VideoSocket:
        """Return the socket of an eye beside this one.

        :param eye: ``left`` or ``right``
        """
        return replace(self, name=eye)


def parse_socket(text: str) -> VideoSocket:
    """Return the socket of a name.

    :param text: ``@dvrk:<role>:<name>``; ``@dvrk_gst:``, as dvrk_data had it until 2026, is translated; without
        the ``@``, which has a meaning in YAML, as well
    :raises SocketNameError: it is no such name
    """
    match = _NAME.fullmatch(text)
    if match is None:
        raise SocketNameError(
            f"socket '{text}' is no video socket; name one as @dvrk:<role>:<name>, such as @dvrk:stereo_source:left"
        )
    prefix, role, name = match.groups()
    found = VideoSocket(role, name)
    if len(found.path.encode()) > _LONGEST:
        raise SocketNameError(f"socket '{text}' is longer than the {_LONGEST} bytes that a socket's name may have")
    remark = f"socket '{text}': dvrk_data names it '{found}' since 2026, which is used; write that"
    return replace(found, remark=remark) if prefix == _STALE else found


def live_sockets(table: Path = Path('/proc/net/unix')) -> list[str]:
    """Return the names of the video sockets on which something sends, sorted.

    :param table: of the kernel's UNIX sockets, as proc(5) describes it
    """
    try:
        lines = table.read_text(errors='replace').splitlines()[1:]
    except OSError:  # no Linux
        return []
    rows = [line.split(maxsplit=7) for line in lines]
    names = {row[7].rstrip('@') for row in rows if len(row) == 8 and int(row[3], 16) & _LISTENING}
    return sorted(name for name in names if name.startswith('@dvrk:') and _NAME.fullmatch(name))


def describe_live_sockets() -> str:
    """Return which video sockets are live, in words with a remedy where none is."""
    names = live_sockets()
    if names:
        return f'live are {", ".join(names)}'
    return 'no video socket is live; start what sends, such as `ros2 run dvrk_data stereo_source -c stereo_source.json`'
