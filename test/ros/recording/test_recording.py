"""Recordings refuse what they cannot keep, and say so."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import make_reader
from support.recording_readers import by_index, from_the_beginning

from mt3dnet_ros.ros.recording.compression import COMPRESSIONS, Choice
from mt3dnet_ros.ros.recording.file import RecordedMessage, RecordingFile
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


def numbered(topic: str, index: int, data: bytes) -> RecordedMessage:
    return RecordedMessage(topic, index.to_bytes(4, 'little') + data, 1000 + index, 1000 + index, 1 + index)


def test_lz4_leaves_alone_what_it_does_not_halve_and_readers_get_both_in_order(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(300_000)
    labels, text = bytes(300_000), noise[:2000]
    written = [
        numbered(topic, 3 * index + at, data)
        for index in range(30)
        for at, (topic, data) in enumerate({'/noise': noise, '/labels': labels, '/text': text}.items())
    ]
    path = tmp_path / 'recording.mcap'
    file = RecordingFile(path, 'lz4')
    for topic in ('/noise', '/labels', '/text'):
        file.add_topic(topic, 'std_msgs/msg/String')
    for each in written:
        file.write(each)
    file.close()
    for read in (by_index, from_the_beginning):
        assert read(path) == [(each.topic, each.data) for each in written], read.__name__
    assert path.stat().st_size < 30 * 300_000 * 1.02
    with path.open('rb') as stream:
        summary = make_reader(stream).get_summary()
    assert summary is not None
    names = {number: channel.topic for number, channel in summary.channels.items()}
    topics: dict[str, set[str]] = {'': set(), 'lz4': set()}
    for chunk in summary.chunk_indexes:
        topics[chunk.compression] |= {names[number] for number in chunk.message_index_offsets}
    assert topics == {'': {'/noise'}, 'lz4': {'/labels', '/text'}}


def test_a_topic_whose_content_changes_is_judged_again() -> None:
    choice = Choice(COMPRESSIONS['lz4'])
    noise, plain = np.random.default_rng(0).bytes(100_000), bytes(100_000)
    assert [choice('/image', noise) for _ in range(3)] == [False] * 3
    assert choice('/other', plain)
    assert True in [choice('/image', plain) for _ in range(300)]
    assert choice('/image', noise[:1000])  # too small to be judged
    assert not Choice(None)('/image', plain)


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
