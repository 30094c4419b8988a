"""A socket is read over the ends of producers and programs; what is lost is counted."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.video_sockets import CONNECTED, READY, fake_reader, lost, picture

from mt3dnet_ros.gstreamer.reader import SocketPicture, SocketReader
from mt3dnet_ros.gstreamer.sockets import parse_socket
from mt3dnet_ros.gstreamer.system import GStreamerError

SOCKET = parse_socket(f'@dvrk:s_{os.getpid()}:left')
TOO_OLD = {'say': {'is': 'unusable', 'problem': 'GStreamer 1.22.0 is too old'}}


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that gives a reader whose program does what it is told, life after life."""
    readers = []

    def make(*lives: list[dict[str, Any]]) -> SocketReader:
        for name, value in fake_reader(tmp_path, {SOCKET.path: list(lives)}).items():
            monkeypatch.setenv(name, value)
        readers.append(SocketReader(SOCKET))
        return readers[-1]

    yield make
    for reader in readers:
        reader.close()


def next_picture(reader: SocketReader) -> SocketPicture:
    deadline = time.monotonic() + 60.0
    while (taken := reader.take(0.1)) is None:
        assert time.monotonic() < deadline, reader.problem
    return taken


def test_a_picture_comes_with_its_stamps_and_without_the_padding_of_its_rows(read: Any) -> None:
    reader = read([READY, CONNECTED, picture((7, 9), width=6, height=5, left_source_ts=11, pts=12)])
    assert (reader.version, reader.problem != '') == ('GStreamer 9.9', True)
    taken = next_picture(reader)
    assert taken.image.shape == (5, 6, 3)
    assert (taken.image[:, :3] == 7).all() and (taken.image[:, 3:] == 9).all()
    assert taken.stamps == {'left-source-ts': 11, 'pts': 12}
    assert (reader.problem, reader.connections) == ('', 1)


def test_what_came_and_was_not_given_is_counted(read: Any) -> None:
    steps = [picture((level,), arrived) for level, arrived in ((1, 1), (2, 2), (3, 6), (4, 7))]
    reader = read([READY, CONNECTED, *steps])
    assert [next_picture(reader).dropped for _ in steps] == [0, 0, 3, 0]


def test_pictures_of_another_size_follow(read: Any) -> None:
    reader = read([READY, CONNECTED, picture((1,), 1), picture((2,), 2, width=640, height=480)])
    assert next_picture(reader).image.shape == (4, 8, 3)
    taken = next_picture(reader)
    assert taken.image.shape == (480, 640, 3) and (taken.image == 2).all()


def test_a_lost_producer_is_told_with_what_is_live_and_a_new_one_is_taken(read: Any) -> None:
    reader = read([READY, CONNECTED, picture((1,)), lost('the producer has ended'), CONNECTED, picture((2,), 2)])
    assert (next_picture(reader).image == 1).all()
    assert (next_picture(reader).image == 2).all()
    assert (reader.connections, reader.restarts, reader.problem) == (2, 0, '')


def test_a_problem_names_the_live_sockets_where_this_one_is_not_among_them(read: Any) -> None:
    reader = read([READY, lost('Internal data stream error')])
    assert reader.take(1.0) is None
    assert reader.problem.startswith('nothing sends on it; ') and ' live' in reader.problem
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f'\0{SOCKET.path}')
        listener.listen()
        assert reader.problem == 'Internal data stream error'


def test_a_program_that_dies_is_started_again_and_counts_from_the_beginning(read: Any) -> None:
    first = [READY, CONNECTED, picture((1,), 5), {'die': 3}]
    reader = read(first, [TOO_OLD], [READY, CONNECTED, picture((2,), 1)])
    assert next_picture(reader).dropped == 4
    pid = reader.pid
    assert reader.take(60.0) is None
    assert 'ended with status 3' in reader.problem and reader.pid == 0
    assert not psutil.pid_exists(pid)
    taken = next_picture(reader)  # after one life in which GStreamer was not there
    assert (taken.image == 2).all() and taken.dropped == 0
    assert (reader.restarts, reader.problem) == (1, '')


def test_without_gstreamer_there_is_no_reader(read: Any) -> None:
    with pytest.raises(GStreamerError, match='too old'):
        read([TOO_OLD])


def test_nothing_is_left_over_many_ends(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('mt3dnet_ros.gstreamer.reader._RESTART', 0.0)
    reader = read(*[[READY, CONNECTED, picture((1,)), {'die': 1}]] * 4, [READY])

    def live_once() -> None:
        deadline = time.monotonic() + 60.0
        while not reader.pid:
            reader.take(0.0)
        while reader.pid and time.monotonic() < deadline:
            reader.take(0.1)

    live_once()
    before = len(os.listdir('/proc/self/fd'))
    for _ in range(3):
        live_once()
    assert len(os.listdir('/proc/self/fd')) == before
    assert reader.restarts == 3
