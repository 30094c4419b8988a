"""A program of ours in a process of the system's Python, and the messages to and from it."""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from mt3dnet_ros.gstreamer.system import GStreamerError, describe_unusable, interpreter

PROGRAMS = Path(__file__).parent / 'programs'
_LARGEST_MESSAGE = 65536  # bytes
_MOST_DESCRIPTORS = 4  # with one message
_LINES_KEPT = 20  # of what it prints
_GRACE = 2.0  # seconds that it may take to end


class ProgramMessage(NamedTuple):
    """What a program said.

    :param content: a JSON object; its key ``is`` says what the message is
    :param descriptors: open files that came with it, which are the receiver's to close
    """

    content: dict[str, Any]
    descriptors: list[int]


class ProgramEndedError(GStreamerError):
    """A program ended, or cannot be started."""


class SystemProcess:
    """Runs a program in a process of its own, which ends with this one.

    Its standard input is a UNIX socket that keeps messages apart. Each is a JSON object, in both directions; file
    descriptors may come with it. A program that finds no GStreamer says ``{"is": "unusable", "problem": ...}``.
    One thread uses an instance.

    :param program: name of a file in ``programs/``
    :param arguments: of the program
    :raises ProgramEndedError: the interpreter cannot be started
    """

    def __init__(self, program: str, *arguments: str) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # -E and -s: the modules of this process, which ROS names in PYTHONPATH, are of another interpreter.
        command = [*interpreter(), '-E', '-s', str(PROGRAMS / program), *arguments]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for this process, which ends it
            )
        except OSError as error:
            self._socket.close()
            raise ProgramEndedError(describe_unusable(f'{error.strerror or error}')) from error
        finally:
            theirs.close()
        self._has_spoken = False
        self._printed: deque[str] = deque(maxlen=_LINES_KEPT)
        self._errors = self._process.stderr
        assert self._errors is not None
        os.set_blocking(self._errors.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._selector.register(self._errors, selectors.EVENT_READ)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def printed(self) -> str:
        """What it printed last, in one line."""
        return '; '.join(self._printed)

    def send(self, content: Mapping[str, Any], *descriptors: int) -> None:
        """Send a message; it waits where the program does not read.

        :raises ProgramEndedError: the program has ended
        """
        try:
            socket.send_fds(self._socket, [json.dumps(content).encode()], list(descriptors))
        except OSError as error:
            raise ProgramEndedError(self._epitaph()) from error

    def receive(self, timeout: float | None = None) -> ProgramMessage | None:
        """Return the next message, or None where none comes in time.

        :param timeout: seconds; None waits
        :raises ProgramEndedError: the program has ended
        :raises GStreamerError: it says that GStreamer cannot be used
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            ready = {key.fileobj for key, _ in self._selector.select(left)}
            if self._errors in ready:
                self._read_errors()
            if self._socket in ready:
                return self._read()
            if end is not None and time.monotonic() >= end:
                return None

    def close(self) -> None:
        """End the process; it is gone when this returns."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._selector.close()
        self._socket.close()
        if self._errors is not None:
            self._errors.close()

    def _read(self) -> ProgramMessage:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._socket, _LARGEST_MESSAGE, _MOST_DESCRIPTORS)
        except OSError as error:
            raise ProgramEndedError(self._epitaph()) from error
        if not data:
            raise ProgramEndedError(self._epitaph())
        self._has_spoken = True
        content = json.loads(data)
        if content.get('is') == 'unusable':
            raise GStreamerError(describe_unusable(content['problem']))
        return ProgramMessage(content, descriptors)

    def _read_errors(self) -> None:
        assert self._errors is not None
        data = self._errors.read(_LARGEST_MESSAGE)
        if data:
            self._printed.extend(line for line in data.decode(errors='replace').splitlines() if line.strip())
        elif data == b'' and self._errors in self._selector.get_map():
            self._selector.unregister(self._errors)

    def _epitaph(self) -> str:
        """Return how the process ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        self._read_errors()
        status = self._process.poll()
        how = 'does not listen any more' if status is None else f'ended with status {status}'
        end = f"GStreamer's process {how}" + (f' and printed: {self.printed}' if self._printed else '')
        return end if self._has_spoken else describe_unusable(end)
