"""Making a recording small, once nothing else needs the processor."""

from __future__ import annotations

from pathlib import Path

from mcap.reader import make_reader
from mcap.records import Channel, Message, Schema
from mcap.writer import CompressionType, Writer
from tqdm import tqdm

from mt3dnet_ros.ros.recording.bag_folder import mcap_files


def compact(recording: Path) -> None:
    """Compress a recording in place; what it says stays as it is.

    :param recording: a bag's folder or an MCAP file
    """
    for file in mcap_files(recording):
        _compact_file(file)


def _compact_file(recording: Path) -> None:
    part = recording.with_suffix('.part')
    with recording.open('rb') as source, part.open('wb') as target:
        reader = make_reader(source)
        writer = Writer(target, compression=CompressionType.ZSTD)
        writer.start(profile=reader.get_header().profile, library='mt3dnet_ros')
        copied = _Copied(writer)
        size = recording.stat().st_size
        with tqdm(desc='compressing', total=size, unit='B', unit_scale=True, disable=None) as bar:
            for schema, channel, message in reader.iter_messages(log_time_order=False):
                copied.write(schema, channel, message)
                bar.update(len(message.data))
        writer.finish()
    part.replace(recording)


class _Copied:
    """Schemas and channels that the new file has, by their ids in the old one."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._schemas: dict[int, int] = {}
        self._channels: dict[int, int] = {}

    def write(self, schema: Schema | None, channel: Channel, message: Message) -> None:
        if channel.id not in self._channels:
            self._channels[channel.id] = self._writer.register_channel(
                channel.topic, channel.message_encoding, self._schema(schema), dict(channel.metadata)
            )
        self._writer.add_message(
            self._channels[channel.id], message.log_time, message.data, message.publish_time, message.sequence
        )

    def _schema(self, schema: Schema | None) -> int:
        if schema is None:
            return 0
        if schema.id not in self._schemas:
            self._schemas[schema.id] = self._writer.register_schema(schema.name, schema.encoding, schema.data)
        return self._schemas[schema.id]
