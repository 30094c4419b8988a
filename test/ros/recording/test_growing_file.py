"""A recording opens at every moment: after each write, and in the middle of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.recording_readers import READERS, Messages, by_rosbags

from mt3dnet_ros.ros.recording import growing_file
from mt3dnet_ros.ros.recording.file import RecordedMessage, RecordingFile

SIZE = 1000  # bytes of a message


def message(index: int) -> RecordedMessage:
    text = b'\0\1\0\0' + (SIZE - 8).to_bytes(4, 'little') + bytes([32 + index % 64]) * (SIZE - 9) + b'\0'
    return RecordedMessage(f'/text{index % 3}', text, 1000 + index, 500 + index, index)


class WatchedWrites:
    """Does what ``os`` does, in halves, and has the file looked at after each."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self.writes = 0

    def pwrite(self, descriptor: int, data: memoryview, position: int) -> int:
        half = len(data) // 2
        if half > 2 * growing_file.RECORD_HEAD.size:  # the kernel does not cut what is smaller
            os.pwrite(descriptor, data[:half], position)
            self._look()
        written = os.pwrite(descriptor, data, position)
        self.writes += 1
        self._look()
        return written

    def ftruncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)
        self._look()

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)


@pytest.mark.parametrize('reserve', [0, 3000, 100_000])
def test_every_reader_has_all_that_was_committed_at_every_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reserve: int
) -> None:
    path = tmp_path / 'recording'
    wanted: Messages = []
    committed = 0

    def look() -> None:
        if not wanted:
            return
        for place, read in [(path, by_rosbags), *((path / 'recording_0.mcap', read) for read in READERS)]:
            found = read(place)
            assert committed <= len(found) <= len(wanted), (read.__name__, place, committed)
            assert found == wanted[: len(found)], read.__name__

    watched = WatchedWrites(look)
    monkeypatch.setattr(growing_file, 'os', watched)
    monkeypatch.setattr(growing_file, '_RESERVE', reserve)
    file = RecordingFile(path)
    for topic in range(3):
        file.add_topic(f'/text{topic}', 'std_msgs/msg/String')
    for index in range(24):
        wanted.append((message(index).topic, message(index).data))
        file.write(message(index))
        if index % 2:
            file.commit()
            committed = index + 1
    file.close()
    look()
    assert watched.writes > 12 * 4
