"""A compacted recording says the same in less room."""

from __future__ import annotations

from pathlib import Path

from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

from mt3dnet_ros.demo.compact import compact


def write(path: Path) -> None:
    with path.open('wb') as stream:
        writer = Writer(stream, compression=CompressionType.NONE, chunk_size=4096)
        writer.start(profile='ros2', library='test')
        schemas = [writer.register_schema(f'pkg/msg/{name}', 'ros2msg', name.encode()) for name in ('A', 'B')]
        channels = [
            writer.register_channel(f'/topic{i}', 'cdr', schemas[i % 2], {'offered_qos_profiles': str(i)})
            for i in range(3)
        ]
        for i in range(60):
            writer.add_message(channels[i % 3], 1000 + i, bytes([i]) * 500, 900 + i, i)
        writer.finish()


def contents(path: Path) -> list[tuple[object, ...]]:
    with path.open('rb') as stream:
        reader = make_reader(stream)
        assert reader.get_header().profile == 'ros2'
        return [
            (
                schema.name,
                schema.encoding,
                schema.data,
                channel.topic,
                channel.message_encoding,
                channel.metadata,
                message.log_time,
                message.publish_time,
                message.sequence,
                message.data,
            )
            for schema, channel, message in reader.iter_messages()
        ]


def test_every_message_stays_and_the_file_shrinks(tmp_path: Path) -> None:
    path = tmp_path / 'recording.mcap'
    write(path)
    before, size = contents(path), path.stat().st_size
    compact(path)
    assert contents(path) == before
    assert len(before) == 60
    assert path.stat().st_size < size / 2
    assert [p.name for p in tmp_path.iterdir()] == ['recording.mcap']
