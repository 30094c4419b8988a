"""The summary of an MCAP file: what is in it, and where."""

from __future__ import annotations

from collections.abc import Mapping

from mcap.records import Channel, ChunkIndex, Schema, Statistics

from mt3dnet_ros.ros.recording.records import record_bytes


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

    def add_chunk(self, index: ChunkIndex, counts: Mapping[int, int]) -> None:
        """Take up a chunk.

        :param counts: its messages by the channel's id
        """
        self.start = min(self.start, index.message_start_time) if self._chunks else index.message_start_time
        self.end = max(self.end, index.message_end_time)
        for channel, count in counts.items():
            self.counts[channel] += count
        self._chunks += 1
        self._indexes += record_bytes(index)

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
        return b''.join(map(record_bytes, [*self._schemas, *self._channels, statistics])) + self._indexes
