"""Chunks of an MCAP file: many messages in one record, followed by where each of them lies."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from mcap.opcode import Opcode
from mcap.records import ChunkIndex

from mt3dnet_ros.ros.recording.compression import Codec
from mt3dnet_ros.ros.recording.records import RECORD_HEAD

_MESSAGE = struct.Struct('<BQHIQQ')  # a message up to its data: its record's head, channel, number, both times
_CHUNK = struct.Struct('<QQQI')  # first and last time, size, checksum
_LENGTH = struct.Struct('<Q')
_JOINED = 64 * 1024  # bytes of a message up to which it is copied to its neighbours: one write for many


@dataclass(frozen=True)
class FinishedChunk:
    """A chunk and its message indexes.

    :param pieces: what is to be written, one after the other
    :param index: for the summary
    :param counts: messages by the channel's id
    """

    pieces: Sequence[bytes]
    index: ChunkIndex
    counts: dict[int, int]


@dataclass
class ChunkBuilder:
    """Collects messages, without copying the large ones.

    :param codec: None leaves the chunk as it is
    """

    codec: Codec | None = None
    size: int = 0  # bytes so far
    _pieces: list[bytes] = field(default_factory=list)
    _small: bytearray = field(default_factory=bytearray)  # the last piece, which still grows
    _times: list[int] = field(default_factory=list)
    _places: dict[int, list[int]] = field(default_factory=dict)  # times and offsets, in turns, by channel

    def add(self, channel: int, sequence: int, received: int, published: int, data: bytes) -> None:
        """Add a message; the times are nanoseconds."""
        self._times.append(received)
        self._places.setdefault(channel, []).extend((received, self.size))
        length = _MESSAGE.size - RECORD_HEAD.size + len(data)
        self._small += _MESSAGE.pack(Opcode.MESSAGE, length, channel, sequence, received, published)
        if len(data) <= _JOINED:
            self._small += data
        else:
            self._pieces += [bytes(self._small), data]
            self._small = bytearray()
        self.size += _MESSAGE.size + len(data)

    def finish(self, position: int) -> FinishedChunk | None:
        """Return the chunk; None without a message.

        :param position: where it will lie in the file
        """
        if not self._times:
            return None
        name, content = self._content()
        written = sum(map(len, content))
        first, last = min(self._times), max(self._times)
        body = _CHUNK.pack(first, last, self.size, 0)  # 0: no checksum, see RecordingFile
        body += struct.pack('<I', len(name)) + name.encode() + _LENGTH.pack(written)
        head = RECORD_HEAD.pack(Opcode.CHUNK, len(body) + written) + body
        length = len(head) + written
        indexes = {channel: _message_index(channel, places) for channel, places in self._places.items()}
        index = ChunkIndex(
            message_start_time=first,
            message_end_time=last,
            chunk_start_offset=position,
            chunk_length=length,
            message_index_offsets=_offsets(indexes, position + length),
            message_index_length=sum(map(len, indexes.values())),
            compression=name,
            compressed_size=written,
            uncompressed_size=self.size,
        )
        counts = {channel: len(places) // 2 for channel, places in self._places.items()}
        return FinishedChunk([head, *content, b''.join(indexes.values())], index, counts)

    def _content(self) -> tuple[str, list[bytes]]:
        """Return the name of the compression, and the messages in pieces."""
        pieces = [*self._pieces, bytes(self._small)]
        if self.codec is None:
            return '', pieces
        return self.codec.name, [self.codec.compress(b''.join(pieces))]


def _message_index(channel: int, places: list[int]) -> bytes:
    size = _LENGTH.size * len(places)
    head = RECORD_HEAD.pack(Opcode.MESSAGE_INDEX, 6 + size) + struct.pack('<HI', channel, size)
    return head + struct.pack(f'<{len(places)}Q', *places)


def _offsets(indexes: dict[int, bytes], position: int) -> dict[int, int]:
    """Return where each index lies in the file."""
    offsets = {}
    for channel, index in indexes.items():
        offsets[channel] = position
        position += len(index)
    return offsets
