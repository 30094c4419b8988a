"""The summary of an MCAP file: what is in it, and where."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import Channel, ChunkIndex, McapRecord, Schema, Statistics

_RECORD = struct.Struct('<BQ')
_CHUNK = struct.Struct('<QQQII')  # first and last time, size, checksum, length of the compression's name


class RecordingSummary:
    """Schemas, channels, counts and the index of the chunks of one file, as bytes at any time."""

    def __init__(self) -> None:
        self._schemas: list[Schema] = []
        self._channels: list[Channel] = []
        self._indexes = bytearray()
        self._chunks = 0
        self.start = self.end = 0  # log times of the first and the last message
        self.counts: dict[int, int] = {}  # messages by the channel's id

    def add_schema(self, schema: Schema) -> None:
        """Take up a schema."""
        self._schemas.append(schema)

    def add_channel(self, channel: Channel) -> None:
        """Take up a channel."""
        self._channels.append(channel)
        self.counts[channel.id] = 0

    def add_chunks(self, records: Sequence[bytes], position: int) -> None:
        """Take up chunks, each followed by its message indexes.

        :param records: whole ones, in pieces
        :param position: of the first in the file
        """
        for index, counts in _indexes(records, position):
            self.start = min(self.start, index.message_start_time) if self._chunks else index.message_start_time
            self.end = max(self.end, index.message_end_time)
            for channel, count in counts.items():
                self.counts[channel] += count
            self._chunks += 1
            self._indexes += _bytes(index)

    def encode(self) -> bytes:
        """Return the records of the summary."""
        statistics = Statistics(
            message_count=sum(self.counts.values()),
            schema_count=len(self._schemas),
            channel_count=len(self._channels),
            attachment_count=0,
            metadata_count=0,
            chunk_count=self._chunks,
            message_start_time=self.start,
            message_end_time=self.end,
            channel_message_counts=self.counts,
        )
        return b''.join(map(_bytes, [*self._schemas, *self._channels, statistics])) + self._indexes


def _bytes(record: McapRecord) -> bytes:
    builder = RecordBuilder()
    record.write(builder)
    return builder.end()


def _indexes(records: Sequence[bytes], position: int) -> Iterator[tuple[ChunkIndex, dict[int, int]]]:
    """Yield the index of each chunk and its number of messages by channel."""
    index: ChunkIndex | None = None
    counts: dict[int, int] = {}
    for piece, at, size in _records(records):
        if piece[at] == Opcode.CHUNK:
            if index:
                yield index, counts
            index, counts = _chunk_index(piece, at, position, size), {}
        elif piece[at] == Opcode.MESSAGE_INDEX and index:
            channel, entries = struct.unpack_from('<HI', piece, at + _RECORD.size)
            index.message_index_offsets[channel] = position
            index.message_index_length += size
            counts[channel] = entries // 16  # bytes of an entry: time and offset
        position += size
    if index:
        yield index, counts


def _records(records: Sequence[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """Yield for each record the piece it is in, where it begins there, and its size."""
    for piece in records:
        at = 0
        while at < len(piece):
            size = _RECORD.size + _RECORD.unpack_from(piece, at)[1]
            yield piece, at, size
            at += size


def _chunk_index(records: bytes, at: int, position: int, size: int) -> ChunkIndex:
    start, end, uncompressed, _, length = _CHUNK.unpack_from(records, at + _RECORD.size)
    name = at + _RECORD.size + _CHUNK.size
    return ChunkIndex(
        message_start_time=start,
        message_end_time=end,
        chunk_start_offset=position,
        chunk_length=size,
        message_index_offsets={},
        message_index_length=0,
        compression=records[name : name + length].decode(),
        compressed_size=struct.unpack_from('<Q', records, name + length)[0],
        uncompressed_size=uncompressed,
    )
