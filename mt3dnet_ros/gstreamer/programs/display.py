"""What a surgeon's display shows: video sockets with the overlay's sockets blended over them, eye beside eye.

The chain is that of the da Vinci Research Kit's display: unixfdsrc, a leaky queue, videoconvert to RGBA, a mixer; time
stamps are rewritten on arrival. Arguments: pictures per second, height and width of an eye, then for each eye the paths
of video and overlay. To the parent: ``view`` (with a file descriptor of BGRx pixels), ``overlay`` for each picture of
an overlay (by a second connection, whose time stamps stay), ``failed`` where the pipeline ends and is made anew.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from gst import load_gstreamer
from parent import Parent

RETRY = 0.25  # seconds from the end of a pipeline to the next


def description(rate: str, height: int, width: int, paths: list[str]) -> str:
    """Return the pipeline of all eyes.

    :param paths: of video and overlay, eye by eye
    """
    source = 'unixfdsrc socket-type=abstract socket-path={path}'
    chain = ' do-timestamp=true ! queue leaky=downstream max-size-buffers=1 ! videoconvert ! video/x-raw,format=RGBA'
    parts, places = [], []
    for number, path in enumerate(paths):
        parts.append(f'{source.format(path=path)}{chain} ! mixer.sink_{number}')
        places.append(
            f'sink_{number}::xpos={number // 2 * width} sink_{number}::width={width} sink_{number}::height={height} '
            f'sink_{number}::zorder={number + 1}'
        )
        if number % 2:
            parts.append(
                f'{source.format(path=path)} ! queue leaky=downstream max-size-buffers=1 '
                f'! appsink name=overlay_{number // 2} sync=false max-buffers=4 drop=true'
            )
    size = f'width={len(paths) // 2 * width},height={height}'
    mixer = f'compositor name=mixer background=black {" ".join(places)}'
    sink = 'appsink name=view sync=false max-buffers=4 drop=true'
    view = f'{mixer} ! videoconvert ! video/x-raw,format=BGRx,{size},framerate={rate} ! {sink}'
    return ' '.join([view, *parts])


class Display:
    """The pipeline, and what comes out of it."""

    def __init__(self, gst: Any, parent: Parent, rate: str, height: int, width: int, paths: list[str]) -> None:
        self._gst, self._parent = gst, parent
        self._size = height, len(paths) // 2 * width
        self._pipeline = gst.parse_launch(description(rate, height, width, paths))
        self._view = self._pipeline.get_by_name('view')
        self._overlays = [self._pipeline.get_by_name(f'overlay_{number}') for number in range(len(paths) // 2)]
        self._pipeline.set_state(gst.State.PLAYING)

    def serve(self) -> bool:
        """Tell what has come; False where the pipeline has ended."""
        if sample := self._view.emit('try-pull-sample', 5 * self._gst.MSECOND):
            self._send_view(sample)
        for number, sink in enumerate(self._overlays):
            while sample := sink.emit('try-pull-sample', 0):
                self._send_overlay(number, sample)
        message = self._pipeline.get_bus().pop_filtered(self._gst.MessageType.ERROR | self._gst.MessageType.EOS)
        if message is None:
            return True
        problem = message.parse_error()[0].message if message.type == self._gst.MessageType.ERROR else 'ended'
        self._parent.send({'is': 'failed', 'problem': problem})
        return False

    def close(self) -> None:
        """End the pipeline."""
        self._pipeline.set_state(self._gst.State.NULL)

    def _send_view(self, sample: Any) -> None:
        now = time.time_ns()
        descriptor = os.memfd_create('view')
        os.pwrite(descriptor, data_of(sample.get_buffer()), 0)
        height, width = self._size
        self._parent.send({'is': 'view', 'time': now, 'height': height, 'width': width}, descriptor)
        os.close(descriptor)

    def _send_overlay(self, number: int, sample: Any) -> None:
        now, steady = time.time_ns(), time.monotonic_ns()
        buffer = sample.get_buffer()
        captured = buffer.pts + self._pipeline.get_base_time()
        data = data_of(buffer)
        filled = len(data) - data.count(0)  # bytes; what is transparent is all zero
        content = {'time': now, 'stamp': now - (steady - captured), 'filled': filled}
        self._parent.send({'is': 'overlay', 'eye': number, **content})


def data_of(buffer: Any) -> bytes:
    """Return the bytes of a buffer, with or without Debian's additions to GStreamer's Python."""
    return buffer.extract_dup(0, buffer.get_size())


def main() -> None:
    """Show what comes until the parent is gone."""
    parent = Parent()
    gst = load_gstreamer(parent, 'unixfdsrc', 'compositor', 'videoconvert', 'appsink')
    rate, height, width, *paths = sys.argv[1:]
    parent.send({'is': 'opened'})
    while True:
        display = Display(gst, parent, rate, int(height), int(width), paths)
        try:
            while display.serve():
                parent.receive(0.0)
        finally:
            display.close()
        parent.receive(RETRY)


if __name__ == '__main__':
    main()
