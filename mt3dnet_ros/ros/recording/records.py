"""Records of MCAP, as bytes."""

from __future__ import annotations

import struct

from mcap.data_stream import RecordBuilder
from mcap.records import McapRecord

RECORD_HEAD = struct.Struct('<BQ')  # how every record begins: its type and its length


def record_bytes(record: McapRecord) -> bytes:
    """Return a record as it lies in a file."""
    builder = RecordBuilder()
    record.write(builder)
    return builder.end()
