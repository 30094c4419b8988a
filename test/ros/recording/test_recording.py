"""Recordings refuse what they cannot keep, and say so."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from mcap.reader import make_reader

from mt3dnet_ros.ros.recording.file import COMPRESSIONS, RecordedMessage, RecordingFile
from mt3dnet_ros.ros.recording.output import RecordingError
from mt3dnet_ros.ros.recording.thread import RecordingThread


def message(index: int, size: int = 1000) -> RecordedMessage:
    return RecordedMessage('/text', index.to_bytes(4, 'little') + bytes(size - 4), 1000 + index, 500 + index, 3 * index)


@pytest.mark.parametrize('compression', COMPRESSIONS)
def test_messages_come_back_with_their_times(tmp_path: Path, compression: str) -> None:
    path = tmp_path / 'new' / 'recording.mcap'
    file = RecordingFile(path, compression)
    file.add_topic('/text', 'std_msgs/msg/String')
    thread = RecordingThread(file, 10**9)
    assert all(thread.put(message(index)) for index in range(100))
    thread.close()
    assert file.counts == {'/text': 100}
    with path.open('rb') as stream:
        reader = make_reader(stream)
        assert reader.get_header().profile == 'ros2'
        found = [(item.data, item.log_time, item.publish_time, item.sequence) for _, _, item in reader.iter_messages()]
    assert found == [(message(index).data, 1000 + index, 500 + index, 3 * index) for index in range(100)]


def test_existing_recording_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / 'recording.mcap'
    path.write_text('precious')
    with pytest.raises(RecordingError, match=r"recording '.*recording\.mcap' exists already; move it"):
        RecordingFile(path)
    assert path.read_text() == 'precious'
    RecordingFile(path, overwrite=True).close()
    assert path.read_bytes().startswith(b'\x89MCAP')


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(RecordingError, match=r"recording '.*file/recording\.mcap' cannot be written"):
        RecordingFile(tmp_path / 'file' / 'recording.mcap')


class BlockedFile:
    """Takes messages only once it is released."""

    def __init__(self, error: Exception | None = None) -> None:
        self.released = False
        self.commit_due = time.monotonic() + 60.0
        self.error = error
        self.written: list[RecordedMessage] = []

    def write(self, item: RecordedMessage) -> None:
        while not self.released:
            time.sleep(0.001)
        if self.error:
            raise self.error
        self.written.append(item)

    def close(self) -> None:
        pass


def test_memory_of_waiting_messages_is_bounded() -> None:
    file = BlockedFile()
    thread = RecordingThread(file, limit=5000)  # type: ignore[arg-type]
    taken = [thread.put(message(index)) for index in range(20)]
    assert taken.count(True) in (5, 6)  # one more where the thread had already taken the first
    assert taken == sorted(taken, reverse=True)
    file.released = True
    thread.close()
    assert len(file.written) == taken.count(True)


def test_failure_to_write_refuses_further_messages_and_is_reported() -> None:
    file = BlockedFile(OSError(28, 'No space left on device'))
    thread = RecordingThread(file, limit=5000)  # type: ignore[arg-type]
    file.released = True
    assert thread.put(message(0))
    deadline = time.monotonic() + 5.0
    while thread.put(message(1)):
        assert time.monotonic() < deadline
    with pytest.raises(OSError, match='No space left'):
        thread.close()
