"""Sockets of the system's GStreamer: stamps are those of capture, and producers may end and come again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from support.video_sockets import Producer, gstreamer_problem, number_of, wait_until

from mt3dnet_ros.gstreamer.capture_time import capture_time
from mt3dnet_ros.gstreamer.reader import SocketPicture, SocketReader
from mt3dnet_ros.gstreamer.sockets import live_sockets, parse_socket

if problem := gstreamer_problem():
    pytest.skip(problem, allow_module_level=True)

DELAY = 0.05  # s between capture and socket
RESTARTS = 8


@pytest.fixture
def name() -> str:
    """Return the name of a socket that no other test has."""
    return f'@dvrk:test_{os.getpid()}:left'


@pytest.fixture
def reader(name: str) -> Iterator[SocketReader]:
    reader = SocketReader(parse_socket(name))
    yield reader
    reader.close()


def take(reader: SocketReader) -> SocketPicture:
    deadline = time.monotonic() + 60.0
    while (taken := reader.take(0.1)) is None:
        assert time.monotonic() < deadline, reader.problem
    return taken


@pytest.mark.parametrize(
    ('fields', 'source'),
    [('left-source-ts,right-source-ts', 'left-source-ts'), ('mono-source-ts', 'mono-source-ts'), ('', 'pts')],
)
def test_the_stamp_is_that_of_capture(name: str, reader: SocketReader, fields: str, source: str) -> None:
    producer = Producer(name[1:], delay=DELAY, fields=fields)
    pictures, ages = [], []
    for _ in range(20):
        taken = take(reader)
        stamp = capture_time(taken.stamps, 'left', 0)
        assert stamp.source == source
        ages.append(1e-9 * (time.time_ns() - stamp.stamp))
        pictures.append((number_of(taken.image), stamp.stamp))
    captures = producer.captures()
    assert min(ages) >= DELAY
    for number, stamp in pictures:
        assert min(abs(taken - stamp) for taken in captures[number]) < 1_000_000, 'ns between capture and stamp'


def test_colours_and_padded_rows_are_those_of_the_producer(name: str, reader: SocketReader) -> None:
    producer = Producer(name[1:], format='RGBA', width=321, height=241)
    taken = take(reader)
    captures = producer.captures()
    assert taken.image.shape == (241, 321, 3)
    assert number_of(taken.image) in captures
    halves = taken.image[:120], taken.image[121:]
    assert [len(np.unique(half)) for half in halves] == [1, 1], 'RGBA is taken as it is, and rows end where they end'


def test_a_producer_may_end_and_come_again(name: str, reader: SocketReader) -> None:
    def live_once() -> float:
        producer = Producer(name[1:])
        start, connections = time.monotonic(), reader.connections
        while reader.connections == connections:
            take(reader)
        producer.kill()
        wait_until(lambda: reader.take(0.05) is None and reader.problem)
        return time.monotonic() - start

    assert reader.take(1.0) is None
    assert name not in live_sockets() and reader.problem
    live_once()
    before = files_of(reader.pid), files_of(os.getpid())
    for _ in range(RESTARTS):
        live_once()
    assert (files_of(reader.pid), files_of(os.getpid())) == before
    assert (reader.connections, reader.restarts) == (RESTARTS + 1, 0)


def files_of(pid: int) -> int:
    return len(os.listdir(f'/proc/{pid}/fd'))


def test_the_program_ends_with_the_process_that_reads(name: str, tmp_path: Path) -> None:
    reader = SocketReader(parse_socket(name))
    process = psutil.Process(reader.pid)
    reader.close()
    assert not process.is_running()
