"""The Python of the system, which has GStreamer where the packages below are installed."""

from __future__ import annotations

import os
import shlex

from mt3dnet_ros.errors import MT3DNetError

INTERPRETER_VARIABLE = 'MT3DNET_GSTREAMER_PYTHON'
"""Environment variable: the command that starts a Python with GStreamer, in place of ``/usr/bin/python3``."""

_DEFAULT_INTERPRETER = '/usr/bin/python3'
INSTALL = (
    'sudo apt install python3-gi gir1.2-gst-plugins-base-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good '
    'gstreamer1.0-plugins-bad'
)
"""What brings GStreamer to Debian 13, Ubuntu 24.04 and newer."""


class GStreamerError(MT3DNetError, OSError):
    """The system's GStreamer cannot be used."""


def interpreter() -> list[str]:
    """Return the command that starts a Python with GStreamer, which programs and their arguments follow."""
    return shlex.split(os.environ.get(INTERPRETER_VARIABLE, '')) or [_DEFAULT_INTERPRETER]


def describe_unusable(problem: str) -> str:
    """Return why the system's GStreamer cannot be used, with the remedy.

    :param problem: as the program of ours found it
    """
    return (
        f'video sockets need GStreamer 1.24 or newer in the Python of the system ({shlex.join(interpreter())}): '
        f'{problem}; `{INSTALL}` on Debian 13, Ubuntu 24.04 or newer, or name another Python in {INTERPRETER_VARIABLE}'
    )
