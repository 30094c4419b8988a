"""Pictures from a video socket, read by a program in the system's Python."""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mt3dnet_ros.gstreamer.process import ProgramEndedError, SystemProcess
from mt3dnet_ros.gstreamer.sockets import VideoSocket, describe_live_sockets, live_sockets
from mt3dnet_ros.gstreamer.system import GStreamerError, describe_unusable

_PROGRAM = 'reader.py'
_STARTING = 20.0  # s that GStreamer may take; the first time, it looks through all of its plug-ins
_RESTART = 1.0  # s between the end of a program and the start of another one


@dataclass(frozen=True)
class SocketPicture:
    """A picture from a socket.

    :param image: (H, W, 3) uint8, red first, on shared memory: it holds until the next one is asked for
    :param stamps: nanoseconds of the system's clock by what says so: fields of dvrk_data's metadata, and ``pts``
    :param dropped: how many came between the one before and this one, and were not given
    """

    image: np.ndarray
    stamps: Mapping[str, int]
    dropped: int = 0


class SocketReader:
    """Reads a socket, again and again where its producer or the program that reads it ends; used by one thread.

    :param socket: to read
    :raises GStreamerError: the system's GStreamer cannot be used
    """

    def __init__(self, socket: VideoSocket, clock: Callable[[], float] = time.monotonic) -> None:
        self._socket = socket
        self._clock = clock
        self._problem = 'nothing has come yet'
        self.connections = self.restarts = 0
        self.version = ''
        self._program: SystemProcess | None = None
        self._restart_at = 0.0  # by the clock, where none runs
        self._start()

    @property
    def problem(self) -> str:
        """Why there are no pictures, in words; empty where they come."""
        if not self._problem or self._program is None or str(self._socket) in live_sockets():
            return self._problem
        return f'nothing sends on it; {describe_live_sockets()}'

    @property
    def pid(self) -> int:
        """Process id of the program; 0 while none runs."""
        return self._program.pid if self._program else 0

    def take(self, timeout: float) -> SocketPicture | None:
        """Return the newest picture, or None where none comes in time. The one before is given back by this.

        :param timeout: seconds
        """
        if self._program is None:
            self._restart(timeout)
            return None
        try:
            return self._receive(self._program, self._clock() + timeout)
        except GStreamerError as error:  # none that the user could do away with: it has worked before
            self._end(str(error))
            return None

    def close(self) -> None:
        """End the program and give back the shared memory."""
        if self._program is not None:
            self._program.close()
            self._program = None
        self._memory = np.empty(0, np.uint8)

    def _start(self) -> None:
        self._memory = np.empty(0, np.uint8)
        self._arrived, self._is_asked = 0, False
        self._program = program = SystemProcess(_PROGRAM, self._socket.path)
        try:
            message = program.receive(_STARTING)
            if message is None:
                raise ProgramEndedError(describe_unusable(f'it has not started in {_STARTING:.0f} s'))
            self.version = message.content['version']
        except GStreamerError:
            self.close()
            raise

    def _restart(self, timeout: float) -> None:
        wait = self._restart_at - self._clock()
        if wait > 0.0:
            time.sleep(min(wait, timeout))
            return
        try:
            self._start()
            self.restarts += 1
        except GStreamerError as error:
            self._end(str(error))

    def _end(self, problem: str) -> None:
        self._problem = problem
        self._restart_at = self._clock() + _RESTART
        self.close()

    def _receive(self, program: SystemProcess, end: float) -> SocketPicture | None:
        if not self._is_asked:
            program.send({'is': 'next'})
            self._is_asked = True
        while (message := program.receive(max(0.0, end - self._clock()))) is not None:
            content = message.content
            if content['is'] == 'picture':
                self._is_asked = False
                return self._picture(content)
            self._hear(content, message.descriptors)
        return None

    def _hear(self, content: Mapping[str, Any], descriptors: list[int]) -> None:
        if content['is'] == 'memory':
            (descriptor,) = descriptors
            self._memory = np.frombuffer(mmap.mmap(descriptor, content['size'], prot=mmap.PROT_READ), np.uint8)
            os.close(descriptor)
        elif content['is'] == 'connected':
            self._problem = ''
            self.connections += 1
        elif content['is'] == 'lost':
            self._problem = content['problem']

    def _picture(self, content: Mapping[str, Any]) -> SocketPicture:
        height, width, stride = content['height'], content['width'], content['stride']
        rows = self._memory[: height * stride].reshape(height, stride)
        image = rows[:, : 3 * width].reshape(height, width, 3)
        dropped = content['arrived'] - self._arrived - 1
        self._arrived = content['arrived']
        return SocketPicture(image, content['stamps'], max(0, dropped))
