"""Where the messages lie in an MCAP file, by its index, or by a walk along its records where it has none."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from io import BytesIO

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.media.recordings.bounds import BoundedFile

with needs_extra('recordings'):
    from mcap.data_stream import ReadDataStream
    from mcap.records import Channel, Schema
    from mcap.summary import Summary

MAGIC = b'\x89MCAP0\r\n'
RECORD_HEAD = struct.Struct('<BQ')  # kind and length, after the MCAP specification
FOOTER, SCHEMA, CHANNEL, MESSAGE, CHUNK, DATA_END = 0x02, 0x03, 0x04, 0x05, 0x06, 0x0F
_KINDS = frozenset((*range(0x01, 0x10), *range(0x80, 0x100)))  # from 0x80 on they are private
_CHUNK_HEAD = struct.Struct('<Q')  # time of the first message
_MESSAGE_HEAD = struct.Struct('<HIQ')  # channel, sequence, time
_RUN = 4 * 1024 * 1024


@dataclass
class McapBlock:
    """A piece of the file that is read at once: a chunk, or messages that follow one another outside of chunks.

    :param start: where it begins in the file, bytes (and ``end``)
    :param first: nanoseconds of its first message
    """

    start: int
    end: int
    first: int
    is_chunk: bool = True


@dataclass
class McapLayout:
    """The blocks of a file, and what is known of its topics without reading them.

    :param problem: what is wrong with the file as a whole; empty where nothing is
    """

    blocks: list[McapBlock] = field(default_factory=list)
    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    problem: str = ''


def layout_of_index(summary: Summary | None) -> McapLayout | None:
    """Return the layout that a file states at its end; None where it does not state all of it."""
    statistics = summary.statistics if summary else None
    if summary is None or statistics is None or len(summary.channels) != statistics.channel_count:
        return None
    if len(summary.chunk_indexes) != statistics.chunk_count or (
        statistics.message_count and not statistics.chunk_count
    ):
        return None
    ends = ((index, index.chunk_start_offset + index.chunk_length) for index in summary.chunk_indexes)
    blocks = [McapBlock(index.chunk_start_offset, end, index.message_start_time) for index, end in ends]
    return McapLayout(blocks, dict(summary.schemas), dict(summary.channels))


def walk(stream: BoundedFile) -> McapLayout:
    """Find the layout by the heads of the records, up to the end of the file or of what makes sense."""
    layout, position, size = McapLayout(), len(MAGIC), stream.size
    while position + RECORD_HEAD.size <= size:
        stream.seek(position)
        kind, length = RECORD_HEAD.unpack(stream.read(RECORD_HEAD.size))
        end = position + RECORD_HEAD.size + length
        if kind not in _KINDS:
            layout.problem = f'from byte {position} of {size} on it is damaged, and has no index that leads past that'
            return layout
        if end > size:
            break
        if kind in (FOOTER, DATA_END):
            return layout
        try:
            _note(layout, kind, position, end, stream)
        except Exception as error:  # whatever the bytes lead the parser to
            layout.problem = f'from byte {position} of {size} on it is damaged ({error or type(error).__name__})'
            return layout
        position = end
    lost = f', and its last {size - position} bytes are no whole record' if position < size else ''
    layout.problem = f'it was not closed{lost}'
    return layout


def _content(stream: BoundedFile, end: int) -> ReadDataStream:
    """Return what follows up to a place, from which no more can be read, whatever lengths it says."""
    return ReadDataStream(BytesIO(stream.read(end - stream.tell())))


def _note(layout: McapLayout, kind: int, start: int, end: int, stream: BoundedFile) -> None:
    """Add a record to the layout; the stream stands behind its head."""
    if kind == SCHEMA:
        schema = Schema.read(_content(stream, end))
        layout.schemas[schema.id] = schema
    elif kind == CHANNEL:
        channel = Channel.read(_content(stream, end))
        layout.channels[channel.id] = channel
    elif kind == CHUNK:
        (first,) = _CHUNK_HEAD.unpack(stream.read(_CHUNK_HEAD.size))
        layout.blocks.append(McapBlock(start, end, first))
    elif kind == MESSAGE:
        _, _, time = _MESSAGE_HEAD.unpack(stream.read(_MESSAGE_HEAD.size))
        _add_message(layout.blocks, start, end, time)


def _add_message(blocks: list[McapBlock], start: int, end: int, time: int) -> None:
    last = blocks[-1] if blocks else None
    if last is None or last.is_chunk or last.end != start or end - last.start > _RUN:
        blocks.append(McapBlock(start, end, time, is_chunk=False))
    else:
        last.end, last.first = end, min(last.first, time)
