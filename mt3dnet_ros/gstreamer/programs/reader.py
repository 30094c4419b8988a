"""Reads pictures from a video socket and gives them to the process that started it: ``reader.py <socket path>``.

It says, each as a JSON object with these keys:

- ``{"is": "ready", "version": "GStreamer 1.26.2"}``, once;
- ``{"is": "connected"}`` and ``{"is": "lost", "problem": ...}``, when either comes to be so;
- ``{"is": "memory", "size": bytes}`` with a descriptor: where the pictures are from now on;
- ``{"is": "picture", "width", "height", "stride", "arrived", "stamps"}``: one lies at the begin of that memory, rows of
  ``stride`` bytes, red, green, blue. ``arrived`` counts what came by the socket. ``stamps`` are nanoseconds of the
  system's clock (CLOCK_REALTIME) by where they are from: fields of the producer's metadata, and ``pts``.

It hears ``{"is": "next"}``: the memory is free for the newest picture that is there or comes. It is asked for one at a
time, so that none is older than it has to be.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
import time
from typing import Any

from gst import load_gstreamer
from parent import Parent

_META = 'DataCollectionFrameTimestamps'  # of dvrk_data: int64 nanoseconds of CLOCK_REALTIME
_META_FIELDS = ('left-source-ts', 'right-source-ts', 'mono-source-ts')
_ELEMENTS = ('unixfdsrc', 'queue', 'videoconvert', 'appsink')
_PIPELINE = (
    'unixfdsrc name=source socket-type=abstract ! queue leaky=downstream max-size-buffers=1 max-size-bytes=0 '
    'max-size-time=0 ! videoconvert n-threads=2 ! video/x-raw,format=RGB ! '
    'appsink name=sink sync=false max-buffers=1 drop=true'
)
_RETRY = 0.25  # s between two looks for a producer
_WAIT = 0.1  # s for a picture, before it is looked whether the producer is still there


class Connection:
    """The pipeline from a socket: the newest picture is kept, older ones are dropped."""

    def __init__(self, gst: Any, path: str) -> None:
        self._gst = gst
        self.arrived = 0
        self._pipeline = gst.parse_launch(_PIPELINE)
        # With these, time stamps are those of CLOCK_MONOTONIC: the base time is subtracted from them on arrival.
        self._pipeline.use_clock(gst.SystemClock.obtain())
        self._pipeline.set_start_time(gst.CLOCK_TIME_NONE)
        self._pipeline.set_base_time(0)
        source = self._pipeline.get_by_name('source')
        source.set_property('socket-path', path)
        source.get_static_pad('src').add_probe(gst.PadProbeType.BUFFER, self._count)
        self._sink = self._pipeline.get_by_name('sink')
        self._bus = self._pipeline.get_bus()

    def open(self) -> str:
        """Connect; return why that failed, empty where it did not."""
        failed = self._pipeline.set_state(self._gst.State.PLAYING) == self._gst.StateChangeReturn.FAILURE
        return self.problem() or ('the pipeline cannot start' if failed else '')

    def close(self) -> None:
        """Disconnect; ``open`` may follow."""
        self._pipeline.set_state(self._gst.State.NULL)

    def problem(self) -> str:
        """Return why no more pictures come; empty where that is not so."""
        kinds = self._gst.MessageType
        message = self._bus.pop_filtered(kinds.ERROR | kinds.EOS)
        if message is None:
            return ''
        if message.type == kinds.EOS:
            return 'the producer has ended'
        error, details = message.parse_error()
        return f'{error.message} ({details.splitlines()[-1]})' if details else error.message

    def take(self) -> Any:
        """Return a sample of the newest picture, or None where none comes in a while."""
        return self._sink.emit('try-pull-sample', int(_WAIT * 1e9))

    def _count(self, _pad: Any, _info: Any) -> Any:
        self.arrived += 1
        return self._gst.PadProbeReturn.OK


class SharedMemory:
    """Memory that one picture at a time is copied to, for the parent to read."""

    def __init__(self, parent: Parent) -> None:
        self._parent = parent
        self._memory = mmap.mmap(-1, 1)
        self._extract = ctypes.CDLL('libgstreamer-1.0.so.0').gst_buffer_extract
        self._extract.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t)
        self._extract.restype = ctypes.c_size_t

    def copy(self, buffer: Any) -> None:
        """Copy the whole of a buffer, once: what PyGObject gives of it is a copy already."""
        size = buffer.get_size()
        if size > len(self._memory):
            self._enlarge(size)
        begin = ctypes.c_char.from_buffer(self._memory)
        self._extract(hash(buffer), 0, ctypes.addressof(begin), size)  # PyGObject hashes boxed values by address

    def _enlarge(self, size: int) -> None:
        descriptor = os.memfd_create('mt3dnet_ros picture')
        os.ftruncate(descriptor, size)
        self._memory = mmap.mmap(descriptor, size)
        self._parent.send({'is': 'memory', 'size': size}, descriptor)
        os.close(descriptor)


class Reader:
    """Answers each request with the newest picture, and connects again where the producer ends."""

    def __init__(self, parent: Parent, gst: Any, path: str) -> None:
        from gi.repository import GstVideo

        self._parent = parent
        self._video_info = GstVideo.VideoInfo.new_from_caps
        self._connection = Connection(gst, path)
        self._memory = SharedMemory(parent)
        self._wanted = False
        self._problem: str | None = None  # none is known yet

    def run(self) -> None:
        """Work until the parent is gone."""
        while True:
            problem = self._connection.open()
            while not problem:
                self._give_next()
                problem = self._connection.problem()
            self._connection.close()
            self._say_lost(problem)
            self._hear(_RETRY)

    def _give_next(self) -> None:
        """Hear what the parent wants, and give it a picture if one comes in a while."""
        self._hear(0.0 if self._wanted else _WAIT)
        if self._wanted and (sample := self._connection.take()) is not None:
            self._give(sample)
            self._wanted = False

    def _hear(self, timeout: float) -> None:
        if message := self._parent.receive(timeout):
            self._wanted |= message[0]['is'] == 'next'

    def _give(self, sample: Any) -> None:
        if self._problem != '':
            self._problem = ''
            self._parent.send({'is': 'connected'})
        buffer, info = sample.get_buffer(), self._video_info(sample.get_caps())
        self._memory.copy(buffer)
        self._parent.send(
            {
                'is': 'picture',
                'width': info.width,
                'height': info.height,
                'stride': info.stride[0],
                'arrived': self._connection.arrived,
                'stamps': stamps_of(buffer),
            }
        )

    def _say_lost(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._parent.send({'is': 'lost', 'problem': problem})


def stamps_of(buffer: Any) -> dict[str, int]:
    """Return when a picture was taken, in nanoseconds of CLOCK_REALTIME, by what says so."""
    stamps = {}
    if meta := buffer.get_custom_meta(_META):
        structure = meta.get_structure()
        found = {name: structure.get_int64(name) for name in _META_FIELDS}
        stamps = {name: value for name, (known, value) in found.items() if known and value > 0}
    if buffer.pts < 2**63:  # CLOCK_TIME_NONE is the largest
        stamps['pts'] = buffer.pts + time.time_ns() - time.monotonic_ns()
    return stamps


def main() -> None:
    """Read the socket that the command line names."""
    parent = Parent()
    gst = load_gstreamer(parent, *_ELEMENTS)
    gst.Meta.register_custom_simple(_META)  # else it is lost on the way here
    parent.send({'is': 'ready', 'version': gst.version_string()})
    Reader(parent, gst, sys.argv[1]).run()


if __name__ == '__main__':
    main()
