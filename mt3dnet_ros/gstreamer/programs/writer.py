"""Sends transparent pictures to video sockets, each for as long as it may be shown, and an empty one from then on.

Arguments: the paths of the sockets. From the parent: ``picture`` (with a file descriptor of its BGRA pixels), and
``empty``. To the parent: ``opened`` and ``failed`` of each socket; one that failed is opened again and again.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from gst import load_gstreamer
from parent import Parent

REPEAT = 0.1  # seconds from one empty picture to the next: a display that comes later must not wait
CHECK = 0.25  # seconds between two looks at what GStreamer says
RETRY = 1.0  # seconds after which a socket that failed is opened again
FLUSH = 0.05  # seconds that the last picture may take
SECOND = 1_000_000_000
CHANNELS = 4


class Socket:
    """One video socket and what it shows."""

    def __init__(self, gst: Any, path: str) -> None:
        from gi.repository import GstAllocators

        self.path = path
        self._gst, self._fds = gst, GstAllocators
        self._allocator = GstAllocators.FdAllocator.new()
        self._size = (0, 0)
        self._nothing = -1  # descriptor of an empty picture
        self._until = 0  # when what is shown has to go, ns of CLOCK_MONOTONIC; 0: it is empty
        self._next_empty = 0.0
        self._pipeline: Any = None
        self._open_at = 0.0  # when to open it again, where it is closed
        self.open()

    def open(self) -> None:
        """Open the socket; ``problem`` says whether that worked."""
        self._pipeline = self._gst.parse_launch(
            'appsrc name=source is-live=true format=time ! queue leaky=downstream max-size-buffers=2 '
            f'! unixfdsink socket-type=abstract socket-path={self.path} sync=false async=false'
        )
        self._source = self._pipeline.get_by_name('source')
        self._set_caps()
        self._pipeline.set_state(self._gst.State.PLAYING)

    def show(self, content: dict[str, Any], descriptor: int) -> None:
        """Show a picture, unless its time is over already."""
        self._resize(content['height'], content['width'])
        if content['until'] <= time.monotonic_ns():
            os.close(descriptor)
            self.rest()
            return
        self._push(descriptor, content['captured'])
        self._until = content['until']

    def rest(self) -> None:
        """Show nothing."""
        self._until = 0
        if self._nothing >= 0:
            self._push(os.dup(self._nothing), time.monotonic_ns())
            self._next_empty = time.monotonic() + REPEAT

    def resize(self, content: dict[str, Any]) -> None:
        """Show nothing, in pictures of a size."""
        self._resize(content['height'], content['width'])
        self.rest()

    def due(self) -> float:
        """Return when something is to be done, by CLOCK_MONOTONIC; infinity where nothing is."""
        if self._until:
            return self._until / SECOND
        return self._next_empty if self._nothing >= 0 else float('inf')

    def look(self) -> None:
        """Take away what has been shown for long enough, and repeat what is empty."""
        if time.monotonic() >= self.due():
            self.rest()

    def news(self) -> dict[str, str]:
        """Return what the parent should know of now, as a message; open a socket that has failed again in time."""
        if self._pipeline is None:
            if time.monotonic() < self._open_at:
                return {}
            self.open()
            return {'is': 'opened', 'path': self.path} if not (problem := self._problem()) else self._fail(problem)
        return self._fail(problem) if (problem := self._problem()) else {}

    def _fail(self, problem: str) -> dict[str, str]:
        self._pipeline.set_state(self._gst.State.NULL)
        self._pipeline, self._until = None, 0
        self._open_at = time.monotonic() + RETRY
        return {'is': 'failed', 'path': self.path, 'problem': problem}

    def _problem(self) -> str:
        """Return what GStreamer says is wrong; empty where nothing is."""
        kinds = self._gst.MessageType.ERROR | self._gst.MessageType.EOS
        message = self._pipeline.get_bus().pop_filtered(kinds)
        if message is None:
            return ''
        if message.type == self._gst.MessageType.EOS:
            return 'the pipeline has ended'
        error, details = message.parse_error()
        return ' '.join(filter(None, [error.message, *(details or '').splitlines()[-1:]]))

    def close(self) -> None:
        """Show nothing, and end."""
        if self._pipeline is not None:
            self.rest()
            time.sleep(FLUSH)
            self._pipeline.set_state(self._gst.State.NULL)

    def _resize(self, height: int, width: int) -> None:
        if (height, width) == self._size:
            return
        self._size = height, width
        self._set_caps()
        if self._nothing >= 0:
            os.close(self._nothing)
        self._nothing = os.memfd_create('nothing')
        os.ftruncate(self._nothing, height * width * CHANNELS)

    def _set_caps(self) -> None:
        height, width = self._size
        if height and self._pipeline is not None:
            caps = f'video/x-raw,format=BGRA,width={width},height={height},framerate=0/1'
            self._source.set_property('caps', self._gst.Caps.from_string(caps))

    def _push(self, descriptor: int, captured: int) -> None:
        """Send pixels whose descriptor GStreamer closes once nobody needs it.

        :param captured: ns of CLOCK_MONOTONIC
        """
        if self._pipeline is None:
            os.close(descriptor)
            return
        height, width = self._size
        size = height * width * CHANNELS
        memory = self._fds.FdAllocator.alloc(self._allocator, descriptor, size, self._fds.FdMemoryFlags.NONE)
        buffer = self._gst.Buffer.new()
        buffer.append_memory(memory)
        buffer.pts = max(0, captured - self._pipeline.get_base_time())
        self._source.emit('push-buffer', buffer)


def main() -> None:
    """Do what the parent says until it is gone; the last picture is empty."""
    parent = Parent()
    gst = load_gstreamer(parent, 'unixfdsink', 'appsrc', 'queue')
    sockets = {path: Socket(gst, path) for path in sys.argv[1:]}
    for path, socket in sockets.items():
        parent.send(socket.news() or {'is': 'opened', 'path': path})
    try:
        while True:
            serve(parent, sockets)
    finally:
        for socket in sockets.values():
            socket.close()


def serve(parent: Parent, sockets: dict[str, Socket]) -> None:
    """Do what is to be done next."""
    due = min(socket.due() for socket in sockets.values())
    message = parent.receive(max(0.0, min(CHECK, due - time.monotonic())))
    if message is not None:
        content, descriptors = message
        socket = sockets[content['path']]
        if content['is'] == 'picture':
            socket.show(content, *descriptors)
        else:
            socket.resize(content)
    for socket in sockets.values():
        socket.look()
        if news := socket.news():
            parent.send(news)


if __name__ == '__main__':
    main()
