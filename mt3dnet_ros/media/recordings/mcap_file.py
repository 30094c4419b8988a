"""An MCAP file, whole or damaged: every message that can be had, and in words what cannot."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from heapq import merge
from io import BytesIO
from itertools import chain
from pathlib import Path

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.media.recordings.bounds import BoundedFile, decompressed
from mt3dnet_ros.media.recordings.mcap_layout import (
    CHANNEL,
    CHUNK,
    MAGIC,
    MESSAGE,
    RECORD_HEAD,
    SCHEMA,
    McapBlock,
    layout_of_index,
    walk,
)
from mt3dnet_ros.media.recordings.message import (
    RecordingTopic,
    StoredMessage,
    UnreadableRecordingError,
    ros2_type_name,
)

with needs_extra('recordings'):
    from mcap.data_stream import ReadDataStream
    from mcap.reader import SeekingReader
    from mcap.records import Channel, Chunk, Message, Schema
    from mcap.summary import Summary


class McapFile:
    """The messages of an MCAP file. One without an index is read through once when it is opened.

    :raises UnreadableRecordingError: it is no MCAP file
    """

    def __init__(self, path: Path) -> None:
        self._damage: dict[int, str] = {}  # by the byte at which it lies
        self._stream = _open(path)
        summary = _read_summary(self._stream)
        indexed = layout_of_index(summary)
        self._layout = indexed or walk(self._stream)
        if self._layout.problem:
            self._damage[self._stream.size] = self._layout.problem
        if indexed is None:
            self._learn()
        channels, schemas = self._layout.channels, self._layout.schemas
        self.topics = list({_topic(channel, schemas.get(channel.schema_id)): None for channel in channels.values()})
        self.counts = self._announced(summary) if summary and summary.statistics else self._found

    @property
    def problems(self) -> list[str]:
        """What could not be read, as far as it is known; in the order of the file."""
        return [problem for _, problem in sorted(self._damage.items())]

    def messages(self, names: Collection[str]) -> Iterator[StoredMessage]:
        """Yield the messages of some topics in the order of their reception; what is damaged is left out."""
        schemas, channels = self._layout.schemas, self._layout.channels
        topics = {
            number: _topic(channel, schemas.get(channel.schema_id))
            for number, channel in channels.items()
            if channel.topic in names
        }
        blocks = sorted(self._layout.blocks, key=lambda block: block.first)
        streams = (self._timed_messages(block, topics) for block in blocks)
        for _, message in merge(*streams, key=lambda timed: timed[0]):
            if message is not None:
                topic = topics[message.channel_id]
                yield StoredMessage(topic, message.data, message.log_time, message.publish_time, message.sequence)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _timed_messages(self, block: McapBlock, channels: Collection[int]) -> Iterator[tuple[int, Message | None]]:
        """Yield the block's time first, so that it is read only when its turn comes."""
        yield block.first, None
        found = [record for record in self._records(block) if isinstance(record, Message)]
        wanted = (message for message in found if message.channel_id in channels)
        yield from ((message.log_time, message) for message in sorted(wanted, key=lambda message: message.log_time))

    def _learn(self) -> None:
        """Read what only the blocks of a file without an index say: its topics, and how many messages they have."""
        numbers: Counter[int] = Counter()
        for record in chain.from_iterable(map(self._records, self._layout.blocks)):
            if isinstance(record, Message):
                numbers[record.channel_id] += 1
            elif isinstance(record, Channel):
                self._layout.channels.setdefault(record.id, record)
            else:
                self._layout.schemas.setdefault(record.id, record)
        self._found = self._by_topic(numbers)

    def _announced(self, summary: Summary) -> dict[str, int]:
        assert summary.statistics is not None
        return self._by_topic(Counter(summary.statistics.channel_message_counts))

    def _by_topic(self, numbers: Counter[int]) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for number, channel in self._layout.channels.items():
            counts[channel.topic] += numbers[number]
        return dict(counts)

    def _records(self, block: McapBlock) -> Iterator[Message | Channel | Schema]:
        """Yield a block's records; ends where it is damaged."""
        try:
            yield from _parse(self._read(block))
        except Exception as error:  # whatever the bytes lead the decompression and the parser to
            reason = str(error) or type(error).__name__
            self._damage[block.start] = f'messages at bytes {block.start} to {block.end} are damaged ({reason})'

    def _read(self, block: McapBlock) -> bytes:
        self._stream.seek(block.start)
        data = self._stream.read(block.end - block.start)
        if not block.is_chunk:
            return data
        if data[0] != CHUNK:
            raise ValueError('there is no chunk')
        chunk = Chunk.read(ReadDataStream(BytesIO(data[RECORD_HEAD.size :])))
        content = decompressed(chunk.data, chunk.compression, chunk.uncompressed_size)
        if chunk.uncompressed_crc and chunk.uncompressed_crc != zlib.crc32(content):
            raise ValueError('its checksum is another')
        return content


def _open(path: Path) -> BoundedFile:
    try:
        stream = path.open('rb')
    except OSError as error:
        raise UnreadableRecordingError(f"recording '{path}' cannot be read: {error.strerror}") from error
    if (found := stream.read(len(MAGIC))) != MAGIC:
        stream.close()
        what = 'empty' if not found else 'no MCAP file'
        raise UnreadableRecordingError(f"recording '{path}' is {what}; name a recording, or record it again")
    return BoundedFile(stream, path.stat().st_size)


def _read_summary(stream: BoundedFile) -> Summary | None:
    """Return what a file says of itself at its end; None where it has no such end, or a damaged one."""
    stream.seek(0)
    try:
        return SeekingReader(stream).get_summary()  # type: ignore[arg-type]
    except Exception:  # struct.error, UnicodeDecodeError and more, by what the bytes happen to say
        return None


def _parse(data: bytes) -> Iterator[Message | Channel | Schema]:
    position = 0
    while position < len(data):
        kind, length = RECORD_HEAD.unpack_from(data, position)
        position += RECORD_HEAD.size
        if position + length > len(data):
            raise ValueError('a record is longer than its chunk')
        stream = ReadDataStream(BytesIO(data[position : position + length]))
        position += length
        if kind == MESSAGE:
            yield Message.read(stream, length)
        elif kind == CHANNEL:
            yield Channel.read(stream)
        elif kind == SCHEMA:
            yield Schema.read(stream)


def _topic(channel: Channel, schema: Schema | None) -> RecordingTopic:
    name = ros2_type_name(schema.name) if schema else ''
    definition, encoding = (schema.data.decode(errors='replace'), schema.encoding) if schema else ('', '')
    metadata = dict(channel.metadata)
    return RecordingTopic(channel.topic, name, channel.message_encoding, definition, encoding, metadata)
