"""The process that started this program: messages to and from it, by the standard input."""

from __future__ import annotations

import json
import select
import socket
import sys
from typing import Any, NoReturn

_LARGEST_MESSAGE = 65536  # bytes
_MOST_DESCRIPTORS = 4  # with one message


class Parent:
    """Speaks with the process that started this one; this one ends when it is gone.

    The standard input is a UNIX socket that keeps messages apart; each is a JSON object.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(fileno=0)

    def send(self, content: dict[str, Any], *descriptors: int) -> None:
        """Send a message, with open files."""
        try:
            socket.send_fds(self._socket, [json.dumps(content).encode()], list(descriptors))
        except OSError:
            sys.exit(0)

    def receive(self, timeout: float | None = 0.0) -> tuple[dict[str, Any], list[int]] | None:
        """Return the next message with its open files, or None where none comes in time.

        :param timeout: seconds; None waits
        """
        if not select.select([self._socket], [], [], timeout)[0]:
            return None
        try:
            data, descriptors, _, _ = socket.recv_fds(self._socket, _LARGEST_MESSAGE, _MOST_DESCRIPTORS)
        except OSError:
            sys.exit(0)
        if not data:
            sys.exit(0)
        return json.loads(data), descriptors

    def refuse(self, problem: str) -> NoReturn:
        """Say why GStreamer cannot be used, and end."""
        self.send({'is': 'unusable', 'problem': problem})
        sys.exit(1)
