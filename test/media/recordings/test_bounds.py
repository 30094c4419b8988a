"""Recordings that say they are longer than they are, and such as become longer than any recording."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

pytest.importorskip('rosbags', reason="needs rosbags; `pip install '.[recordings]'`")

import lz4.frame
import zstandard
from mcap.writer import CompressionType, Writer

from mt3dnet_ros.media.recordings.bounds import BoundedFile, decompressed
from mt3dnet_ros.media.recordings.message import RecordingTopic, StoredMessage, UnreadableRecordingError
from mt3dnet_ros.media.recordings.reader import RecordingReader

COMPRESS = {'zstd': zstandard.compress, 'lz4': lz4.frame.compress, '': bytes}


@pytest.mark.parametrize('compression', COMPRESS)
@pytest.mark.parametrize('size', [0, 1, 1 << 20, (1 << 22) + 7])
def test_what_was_compressed_comes_back(compression: str, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert decompressed(COMPRESS[compression](content), compression) == content


@pytest.mark.parametrize('compression', ['zstd', 'lz4'])
def test_a_bomb_is_refused_before_it_is_large(compression: str) -> None:
    bomb = COMPRESS[compression](bytes(200_000_000))
    with pytest.raises(UnreadableRecordingError, match='become more than 1000000'):
        decompressed(bomb, compression, 1_000_000)
    with pytest.raises(Exception, match=r'.'):
        decompressed(bomb[: len(bomb) // 2], 'lz4' if compression == 'zstd' else 'zstd')
    with pytest.raises(UnreadableRecordingError, match="'brotli' is not known"):
        decompressed(bomb, 'brotli')


def test_data_that_end_too_early_are_damaged() -> None:
    with pytest.raises(UnreadableRecordingError, match='end too early'):
        decompressed(lz4.frame.compress(bytes(10_000_000))[:-100], 'lz4')


def test_no_more_room_is_made_than_a_file_has_bytes() -> None:
    file = BoundedFile(BytesIO(b'0123456789'), 10)
    assert file.read(1 << 60) == b'0123456789'
    assert file.read(1 << 60) == b''
    file.seek(4)
    assert (file.read(3), file.tell(), file.read()) == (b'456', 7, b'789')


def written(path: Path) -> Path:
    with path.open('wb') as stream:
        writer = Writer(stream, compression=CompressionType.NONE, use_chunking=False)
        writer.start()
        schema = writer.register_schema('std_msgs/msg/String', 'ros2msg', b'string data')
        channel = writer.register_channel('/text', 'cdr', schema)
        writer.add_message(channel, 1, b'\0\1\0\0\2\0\0\0a\0', 1)
        writer.finish()
    return path


@pytest.mark.parametrize('change', [b'\xe2td_msgs', b'std_msgs'])
def test_a_damaged_schema_is_told(tmp_path: Path, change: bytes) -> None:
    path = written(tmp_path / 'file.mcap')
    whole = path.read_bytes()
    at = whole.index(b'std_msgs')
    path.write_bytes(whole[:at] + change + whole[at + 8 : whole.index(b'string data') + 60])  # without an index
    with RecordingReader(path) as recording:
        assert recording.problems != []


def test_a_message_that_is_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from mt3dnet_ros.media.recordings import bounds
    from mt3dnet_ros.media.recordings.decoder import MessageDecoder

    monkeypatch.setattr(bounds, 'MOST_BYTES', 1_000_000)
    topic = RecordingTopic('/text', 'std_msgs/msg/String')
    with pytest.raises(UnreadableRecordingError, match='become more than'):
        MessageDecoder()(StoredMessage(topic, zstandard.compress(bytes(5_000_000)), 1, 1))
