"""Sends pictures on a video socket; run by the Python of the system, which has GStreamer.

Each has a number, whose digits to the base 16 are the grey levels of its upper and its lower half. It prints ``sends``,
and when it is ended ``<number> <nanoseconds of CLOCK_REALTIME>`` of each: when it was taken. Between that and the
socket lies a delay, as a grabber and its conversions make one.
"""

from __future__ import annotations

import argparse
import ctypes
import signal
import sys
import time
from typing import Any

import gi

gi.require_version('Gst', '1.0')
from gi.repository import Gst  # noqa: E402

META = 'DataCollectionFrameTimestamps'
LEVELS = range(40, 232, 12)  # of the digits, which conversions to YUV and back keep apart
GST = ctypes.CDLL('libgstreamer-1.0.so.0')
G_TYPE_INT64 = 10 << 2  # of <gobject/gtype.h>


def main() -> None:
    arguments = parse()
    Gst.init(None)
    Gst.Meta.register_custom_simple(META)
    size = f'width={arguments.width},height={arguments.height},framerate=0/1'
    pipeline = Gst.parse_launch(
        f'appsrc name=source format=time is-live=true caps=video/x-raw,format=RGB,{size} ! '
        f'queue max-size-buffers=100 max-size-bytes=0 max-size-time=0 ! '
        f'videoconvert ! video/x-raw,format={arguments.format} ! '
        f'unixfdsink name=sink socket-type=abstract sync=false async=false'
    )
    pipeline.get_by_name('sink').set_property('socket-path', arguments.path)
    pipeline.set_state(Gst.State.PLAYING)
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    print('sends', flush=True)
    taken = send(pipeline, arguments, ended)
    for number, stamp in enumerate(taken):
        print(number % len(LEVELS) ** 2, stamp)
    sys.stdout.flush()
    pipeline.set_state(Gst.State.NULL)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('path')
    parser.add_argument('--format', default='I420')
    parser.add_argument('--width', type=int, default=320)
    parser.add_argument('--height', type=int, default=240)
    parser.add_argument('--rate', type=float, default=30.0)
    parser.add_argument('--delay', type=float, default=0.0)
    parser.add_argument('--fields', default='', help='of the metadata that get the time, between commas')
    return parser.parse_args()


def send(pipeline: Any, arguments: argparse.Namespace, ended: list[int]) -> list[int]:
    source, taken = pipeline.get_by_name('source'), []
    delayed: list[tuple[float, Any]] = []
    while not ended:
        lower, upper = divmod(len(taken) % len(LEVELS) ** 2, len(LEVELS))
        row = -(-3 * arguments.width // 4) * 4  # bytes: GStreamer pads rows to four
        above = arguments.height // 2
        halves = ((upper, above), (lower, arguments.height - above))
        pixels = b''.join(bytes([LEVELS[digit]]) * (row * rows) for digit, rows in halves)
        buffer = Gst.Buffer.new_wrapped(pixels)
        taken.append(time.time_ns())
        buffer.pts = time.monotonic_ns() - pipeline.get_base_time()
        for field in filter(None, arguments.fields.split(',')):
            add_stamp(buffer, field, taken[-1])
        delayed.append((time.monotonic() + arguments.delay, buffer))
        next_picture = time.monotonic() + 1.0 / arguments.rate
        while (now := time.monotonic()) < next_picture:
            while delayed and delayed[0][0] <= now:
                source.emit('push-buffer', delayed.pop(0)[1])
            time.sleep(0.0005)
    return taken


def add_stamp(buffer: Any, field: str, stamp: int) -> None:
    """Write metadata, which PyGObject can only read."""
    GST.gst_buffer_get_custom_meta.restype = GST.gst_buffer_add_custom_meta.restype = ctypes.c_void_p
    GST.gst_custom_meta_get_structure.restype = ctypes.c_void_p
    address = ctypes.c_void_p(hash(buffer))
    meta = GST.gst_buffer_get_custom_meta(address, META.encode()) or GST.gst_buffer_add_custom_meta(
        address, META.encode()
    )
    structure = ctypes.c_void_p(GST.gst_custom_meta_get_structure(ctypes.c_void_p(meta)))
    value, end = ctypes.c_int64(stamp), ctypes.c_void_p(None)
    GST.gst_structure_set(structure, field.encode(), ctypes.c_size_t(G_TYPE_INT64), value, end)


if __name__ == '__main__':
    main()
