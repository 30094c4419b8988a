"""Pictures to the video sockets of the surgeon's console."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mt3dnet_ros.gstreamer.process import ProgramEndedError, SystemProcess
from mt3dnet_ros.gstreamer.shared_picture import SharedPicture
from mt3dnet_ros.gstreamer.sockets import VideoSocket
from mt3dnet_ros.gstreamer.system import GStreamerError

_RETRY = 1.0  # seconds from the end of a program to the next
_LISTEN = 0.25  # seconds between two looks at what the program says


@dataclass(frozen=True, eq=False)
class _Order:
    """What a socket is to show.

    :param content: of the message to the program
    """

    content: dict[str, Any]
    picture: SharedPicture | None = None


class ConsoleWriter:
    """Sends what each socket is to show, in a thread; the newest counts.

    :param sockets: that are written
    :param start: starts the program that does; as ``SystemProcess``
    """

    def __init__(self, sockets: Sequence[VideoSocket], start: Callable[..., SystemProcess] = SystemProcess) -> None:
        self._paths = [socket.path for socket in sockets]
        self._start = start
        self._orders: dict[str, _Order] = {}  # that wait
        self._rest: dict[str, _Order] = {}  # the last empty one of each, for a program that is started again
        self._changed = threading.Condition()
        self._stopping = False
        self._problems = dict.fromkeys(self._paths, "GStreamer's process has not answered yet")
        self.starts = 0  # of the program
        self._thread = threading.Thread(target=self._run, name='console-writer', daemon=True)
        self._thread.start()

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong now, in words, by the names of the sockets."""
        return {f'@{path}': problem for path, problem in self._problems.items() if problem}

    def show(self, socket: VideoSocket, picture: SharedPicture, capture_age: float, left: float) -> None:
        """Show a picture; it goes by itself, whatever becomes of this process.

        :param capture_age: seconds since the image was taken that it belongs to
        :param left: seconds for which it may be shown
        """
        now = time.monotonic_ns()
        times = {'captured': now - round(1e9 * capture_age), 'until': now + round(1e9 * left)}
        self._put(socket, 'picture', picture.size, times, picture)

    def empty(self, socket: VideoSocket, size: tuple[int, int]) -> None:
        """Show nothing.

        :param size: height and width of the pictures
        """
        self._put(socket, 'empty', size, {}, None)

    def close(self) -> None:
        """Show nothing, and end the program."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def _put(
        self,
        socket: VideoSocket,
        kind: str,
        size: tuple[int, int],
        times: dict[str, int],
        picture: SharedPicture | None,
    ) -> None:
        content = {'is': kind, 'path': socket.path, 'height': size[0], 'width': size[1], **times}
        with self._changed:
            self._orders[socket.path] = _Order(content, picture)
            self._rest[socket.path] = _Order({**content, 'is': 'empty'})
            self._changed.notify()

    def _run(self) -> None:
        while not self._stopping and self._attempt():
            with self._changed:
                self._changed.wait_for(lambda: self._stopping, _RETRY)

    def _attempt(self) -> bool:
        """Run the program until it ends, or this is closed; return whether another one may do better."""
        try:
            self._serve()
        except GStreamerError as error:
            self._note(str(error), *self._paths)
            return isinstance(error, ProgramEndedError)
        return True

    def _serve(self) -> None:
        """Run the program until it ends, or this is closed."""
        process = self._start('writer.py', *self._paths)
        self.starts += 1
        try:
            with self._changed:
                self._orders = {**self._rest, **self._orders}
            while not self._stopping:
                for order in self._take():
                    descriptors = [order.picture.descriptor] if order.picture else []
                    process.send(order.content, *descriptors)
                self._listen(process)
        finally:
            process.close()

    def _take(self) -> list[_Order]:
        with self._changed:
            self._changed.wait_for(lambda: self._orders or self._stopping, _LISTEN)
            orders, self._orders = list(self._orders.values()), {}
        return orders

    def _listen(self, process: SystemProcess) -> None:
        while (message := process.receive(0.0)) is not None:
            content = message.content
            self._note(content.get('problem', ''), content['path'])

    def _note(self, problem: str, *paths: str) -> None:
        self._problems = self._problems | dict.fromkeys(paths, problem)
