"""Pictures for video sockets: handed over in memory, with the moment at which they have to go."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.paths import ROOT

from mt3dnet_ros.gstreamer.console_writer import ConsoleWriter
from mt3dnet_ros.gstreamer.process import SystemProcess
from mt3dnet_ros.gstreamer.shared_picture import SharedPicture
from mt3dnet_ros.gstreamer.sockets import VideoSocket, describe_live_sockets, live_sockets
from mt3dnet_ros.gstreamer.system import INTERPRETER_VARIABLE, GStreamerError

ROLE = f'test_{os.getpid()}'
LEFT, RIGHT = (VideoSocket(ROLE, f'{side}_ar') for side in ('left', 'right'))
SIZE = (24, 32)


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Let a program without GStreamer note what is to be shown; return what reads its notes."""
    file = tmp_path / 'notes'
    command = shlex.join([sys.executable, str(ROOT / 'test/support/fake_writer.py')])
    monkeypatch.setenv(INTERPRETER_VARIABLE, command)
    monkeypatch.setenv('FAKE_WRITER', str(file))
    return lambda: [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def writer(notes: object) -> Iterator[ConsoleWriter]:
    made = ConsoleWriter([LEFT, RIGHT])
    yield made
    made.close()


def wait(condition: Callable[[], object], timeout: float = 60.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f'not within {timeout} s; {describe_live_sockets()}'
        time.sleep(0.01)


def picture(level: int = 1) -> SharedPicture:
    made = SharedPicture(SIZE)
    made.pixels[:] = level
    return made


def test_a_shared_picture_is_empty_and_read_by_its_descriptor() -> None:
    made = SharedPicture(SIZE)
    assert made.pixels.shape == (*SIZE, 4) and not made.pixels.any()
    made.pixels[3, 5] = (1, 2, 3, 4)
    assert os.pread(made.descriptor, 4, 4 * (3 * SIZE[1] + 5)) == bytes([1, 2, 3, 4])
    pixels, descriptor = made.pixels, made.descriptor
    made.close()
    assert pixels[3, 5, 3] == 4
    with pytest.raises(OSError, match='Bad file descriptor'):
        os.fstat(descriptor)


def test_a_picture_goes_with_its_memory_and_the_moment_of_its_end(
    writer: ConsoleWriter, notes: Callable[[], list[dict[str, Any]]]
) -> None:
    before = time.monotonic_ns()
    writer.show(LEFT, picture(), capture_age=0.05, left=0.15)
    wait(notes)
    (told,) = notes()
    assert (told['is'], told['path'], told['height'], told['width']) == ('picture', LEFT.path, *SIZE)
    assert told['length'] == told['sum'] == SIZE[0] * SIZE[1] * 4
    assert told['until'] - told['captured'] == pytest.approx(0.2e9)
    assert told['captured'] >= before - 0.05e9
    writer.empty(RIGHT, SIZE)
    wait(lambda: len(notes()) == 2)
    assert notes()[1] == {'is': 'empty', 'path': RIGHT.path, 'height': SIZE[0], 'width': SIZE[1]}
    assert writer.problems == {}


def test_an_empty_picture_that_comes_last_is_what_is_shown(
    writer: ConsoleWriter, notes: Callable[[], list[dict[str, Any]]]
) -> None:
    for _ in range(200):
        writer.show(LEFT, picture(), 0.0, 0.1)
        writer.empty(LEFT, SIZE)
    writer.empty(RIGHT, SIZE)
    wait(lambda: any(told['path'] == RIGHT.path for told in notes()))
    assert [told['is'] for told in notes() if told['path'] == LEFT.path][-1] == 'empty'


def test_a_socket_that_fails_is_named_and_the_other_goes_on(
    notes: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('FAKE_WRITER_FAILS', RIGHT.path)
    writer = ConsoleWriter([LEFT, RIGHT])
    try:
        writer.empty(LEFT, SIZE)
        wait(lambda: writer.problems == {str(RIGHT): 'address in use'})
        wait(notes)
    finally:
        writer.close()


def test_a_program_that_ends_is_started_again_and_shows_nothing_old(
    notes: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('FAKE_WRITER_LIVES', '1')
    writer = ConsoleWriter([LEFT])
    try:
        writer.show(LEFT, picture(), 0.0, 10.0)
        wait(lambda: len(notes()) >= 2)
    finally:
        writer.close()
    assert [told['is'] for told in notes()][:2] == ['picture', 'empty']
    assert writer.starts >= 2


def test_without_an_interpreter_the_reason_is_told_and_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, '/nowhere/python3')
    writer = ConsoleWriter([LEFT])
    try:
        wait(lambda: '/nowhere/python3' in writer.problems.get(str(LEFT), ''))
        writer.empty(LEFT, SIZE)
    finally:
        writer.close()


# from here on with GStreamer


def why_not() -> str:
    """Return why this machine has no video sockets; empty where it has."""
    try:
        process = SystemProcess('display.py', '25/1', '16', '16', 'dvrk:nobody:left', 'dvrk:nobody:left_ar')
        try:
            process.receive(30.0)
        finally:
            process.close()
    except GStreamerError as error:
        return str(error)
    return ''


@pytest.fixture(scope='module')
def sockets() -> None:
    if problem := why_not():
        pytest.skip(problem)


class Display:
    """What a display shows of both eyes: blue and red video, each with its overlay."""

    def __init__(self) -> None:
        self.videos = [VideoSocket(ROLE, side) for side in ('left', 'right')]
        self.overlays = [LEFT, RIGHT]
        self.video_writer, self.writer = ConsoleWriter(self.videos), ConsoleWriter(self.overlays)
        for writer, names in ((self.video_writer, self.videos), (self.writer, self.overlays)):
            for name in names:
                writer.empty(name, SIZE)
        wait(lambda: {str(name) for name in (*self.videos, *self.overlays)} <= set(live_sockets()))
        paths = [name.path for pair in zip(self.videos, self.overlays, strict=True) for name in pair]
        self._process = SystemProcess('display.py', '25/1', str(SIZE[0]), str(SIZE[1]), *paths)
        self.view = np.zeros((1, 1, 4), np.uint8)
        self.told: list[dict[str, Any]] = []

    def look(self) -> None:
        """Play the video and take what comes."""
        for name, color in zip(self.videos, ((200, 0, 0), (0, 0, 200)), strict=True):
            shown = SharedPicture(SIZE)
            shown.pixels[:] = (*color, 255)
            self.video_writer.show(name, shown, 0.0, 5.0)
        while (message := self._process.receive(0.02)) is not None:
            self.told.append(message.content)
            if message.content['is'] == 'view':
                height, width = message.content['height'], message.content['width']
                data = os.pread(message.descriptors[0], height * width * 4, 0)
                self.view = np.frombuffer(data, np.uint8).reshape(height, width, 4)
            for descriptor in message.descriptors:
                os.close(descriptor)

    def wait_for(self, left: tuple[int, ...], right: tuple[int, ...]) -> None:
        """Wait until the middle of both eyes has a colour."""

        def seen() -> bool:
            self.look()
            row, width = self.view.shape[0] // 2, self.view.shape[1]
            middles = self.view[row, width // 4, :3], self.view[row, 3 * width // 4, :3]
            return all(np.abs(a.astype(int) - b).max() <= 4 for a, b in zip(middles, (left, right), strict=True))

        wait(seen)

    def close(self) -> None:
        for closed in (self._process, self.writer, self.video_writer):
            closed.close()


def test_a_display_blends_it_over_both_eyes_and_it_goes_in_time(sockets: None) -> None:
    display = Display()
    try:
        display.wait_for((200, 0, 0), (0, 0, 200))
        half = SharedPicture(SIZE)
        half.pixels[:] = (0, 255, 0, 128)
        for name in display.overlays:
            display.writer.show(name, half, 0.03, 2.0)
        display.wait_for((100, 128, 0), (0, 128, 100))
        display.wait_for((200, 0, 0), (0, 0, 200))  # by itself
        told = [one for one in display.told if one['is'] == 'overlay' and one['eye'] == 0]
        shown = next(index for index, one in enumerate(told) if one['filled'])
        assert not told[shown + 1]['filled']
        assert told[shown + 1]['time'] - told[shown]['time'] >= 1.9e9
        assert told[shown]['time'] - told[shown]['stamp'] >= 0.03e9
    finally:
        display.close()


def test_a_writer_whose_node_is_gone_leaves_an_empty_picture(sockets: None) -> None:
    display = Display()
    try:
        display.wait_for((200, 0, 0), (0, 0, 200))
        full = picture(255)
        display.writer.show(LEFT, full, 0.0, 1000.0)
        display.wait_for((255, 255, 255), (0, 0, 200))
        display.writer.close()  # as when its node ends
        wait(lambda: display.look() or any(one['is'] == 'failed' for one in display.told))
        last = [one for one in display.told if one['is'] == 'overlay' and one['eye'] == 0][-1]
        assert not last['filled']
    finally:
        display.close()
