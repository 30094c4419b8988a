"""The rig's video sockets: a clip that is played into them, and a display that shows them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.demo.dvrk.film import RATE
from mt3dnet_ros.demo.dvrk.names import OVERLAY_SOCKETS, VIDEO_SOCKETS
from mt3dnet_ros.demo.dvrk.record import ArrivedPicture, RigRecord
from mt3dnet_ros.gstreamer.console_writer import ConsoleWriter
from mt3dnet_ros.gstreamer.process import ProgramMessage, SystemProcess
from mt3dnet_ros.gstreamer.shared_picture import CHANNELS, SharedPicture
from mt3dnet_ros.gstreamer.sockets import parse_socket
from mt3dnet_ros.gstreamer.system import GStreamerError
from mt3dnet_ros.media.open_source import open_source

_STARTING = 30.0  # seconds that GStreamer may take; the first time, it looks through all of its plug-ins
_LISTENING = 0.1  # seconds between two looks at whether to end
_QUALITY = 90  # of JPEG, in which what the display shows is kept
_LIFE = 10.0  # seconds that a picture of the clip stays where none follows


def socket_problem() -> str:
    """Return why this machine cannot use video sockets; empty where it can."""
    try:
        process = _start_display(('left',), (16, 16))
        try:
            process.receive(_STARTING)
        finally:
            process.close()
    except GStreamerError as error:
        return str(error)
    return ''


class ClipPlayer:
    """Plays a clip into the video sockets of the eyes, from a thread, at its own pace.

    :param rate: pictures per second
    :param sides: of the eyes, all of which see the same
    """

    def __init__(self, video: Path, rate: float, sides: tuple[str, ...]) -> None:
        self._source, self._rate = open_source(str(video)), rate
        width, height = self._source.size
        self.size = height, width
        """Height and width of an eye in pixels."""
        self._sockets = [parse_socket(VIDEO_SOCKETS[side]) for side in sides]
        self._writer = ConsoleWriter(self._sockets)
        self._thread = threading.Thread(target=self._run, name='clip-player', daemon=True)
        self._ends = threading.Event()

    def play(self) -> Callable[[], bool]:
        """Begin; return what says whether it still plays."""
        self._thread.start()
        return self._thread.is_alive

    def close(self) -> None:
        """End the thread, and close the sockets."""
        self._ends.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._writer.close()

    def _run(self) -> None:
        begin = time.monotonic()
        for number, picture in enumerate(self._source):
            shared = SharedPicture(self.size)
            cv2.cvtColor(picture.image, cv2.COLOR_RGB2BGRA, dst=shared.pixels)
            if self._ends.wait(max(0.0, begin + number / self._rate - time.monotonic())):
                return
            for socket in self._sockets:
                self._writer.show(socket, shared, 0.0, _LIFE)


class DisplayReader:
    """Runs a display of the sockets and notes what it shows, from a thread.

    :param record: which gets the views, and the arrival of every overlay
    :param sides: of the eyes
    :param size: height and width of an eye in pixels
    """

    def __init__(self, record: RigRecord, sides: tuple[str, ...], size: tuple[int, int]) -> None:
        self._record, self._sides = record, sides
        self._process = _start_display(sides, size)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name='display-reader', daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the display."""
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ends.is_set():
                if message := self._process.receive(_LISTENING):
                    self._take(message)
        except GStreamerError:  # it ended: the film ends there
            return
        finally:
            self._process.close()

    def _take(self, message: ProgramMessage) -> None:
        content = message.content
        if content['is'] == 'view':
            data = _encoded(message.descriptors[0], content['height'], content['width'])
            self._record.display.append(ArrivedPicture(content['time'], content['time'], data))
        elif content['is'] == 'overlay':
            arrived = ArrivedPicture(content['time'], content['stamp'], filled=content['filled'])
            self._record.eyes[self._sides[content['eye']]].overlay.append(arrived)
        for descriptor in message.descriptors:
            os.close(descriptor)


def _start_display(sides: tuple[str, ...], size: tuple[int, int]) -> SystemProcess:
    paths = [parse_socket(names[side]).path for side in sides for names in (VIDEO_SOCKETS, OVERLAY_SOCKETS)]
    return SystemProcess('display.py', f'{RATE:.0f}/1', *map(str, size), *paths)


def _encoded(descriptor: int, height: int, width: int) -> bytes:
    pixels = np.frombuffer(os.pread(descriptor, height * width * CHANNELS, 0), np.uint8)
    picture = pixels.reshape(height, width, CHANNELS)[..., :3]
    return cv2.imencode('.jpg', np.ascontiguousarray(picture), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
