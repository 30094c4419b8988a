"""An MCAP file that every reader can open at every moment while it grows, whatever ends its process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from mcap.records import DataEnd, Footer
from mcap.writer import MCAP0_MAGIC

from mt3dnet_ros.ros.recording.records import RECORD_HEAD, record_bytes

_SKIPPED = 0x80  # a record of a private type, which readers pass over
_RESERVE = 16 * 1024 * 1024  # bytes of a hole, which take no room on the disk


class GrowingFile:
    """Records and, at the end of the file, their summary; between them a gap that new records go into.

    What is written lies where no reader looks until one small write, of the head of a record or of the footer, makes
    it visible. Of summaries there are two, so that one is valid while the other is written::

        records | gap                    | summary A | unused     | footer
        records | gap, which has covered A           | summary B  | footer

    :param path: of the file, which is replaced
    :param head: what the file begins with, magic bytes included
    :param summary: records of its summary
    :raises OSError: the file cannot be written
    """

    def __init__(self, path: Path, head: bytes, summary: bytes) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        self._end = len(head)  # of the records
        self._slots = (self._end, self._end)  # where the summaries lie
        self._current = 0
        self._summary = summary
        self._footer = self._end + len(_DATA_END) + len(summary)
        self._write(0, head + _DATA_END + summary + _footer(self._end + len(_DATA_END)))

    @property
    def end(self) -> int:
        """Where the next record will lie in the file."""
        return self._end

    def append(self, records: Sequence[bytes], summary: bytes | None = None) -> None:
        """Add whole records; without a new summary, only readers that read from the beginning see them."""
        size = sum(map(len, records))
        self._make_room(size + RECORD_HEAD.size, summary or self._summary)
        if size:
            self._append(records, self._end + size)
        if summary is not None:
            self._replace_summary(summary)

    def _append(self, records: Sequence[bytes], after: int) -> None:
        joined = [memoryview(part) for part in records if part]
        head, joined[0] = joined[0][: RECORD_HEAD.size], joined[0][RECORD_HEAD.size :]
        position = self._end + len(head)
        for part in joined:
            self._write(position, part)
            position += len(part)
        self._write(after, RECORD_HEAD.pack(_SKIPPED, self._slots[self._current] - after - RECORD_HEAD.size))
        self._write(self._end, head)
        self._end = after

    def close(self, summary: bytes) -> None:
        """End the file as readers know it: records, summary, footer."""
        try:
            tail = _DATA_END + summary + _footer(self._end + len(_DATA_END))
            self._make_room(len(tail) + RECORD_HEAD.size, self._summary)
            self._write(self._end + RECORD_HEAD.size, tail[RECORD_HEAD.size :])
            self._write(self._end, tail[: RECORD_HEAD.size])
            os.ftruncate(self._descriptor, self._end + len(tail))
        finally:
            os.close(self._descriptor)

    def _make_room(self, needed: int, summary: bytes) -> None:
        first, second = self._slots
        if self._end + needed <= first and _space(summary) <= second - first:
            return
        size = 2 * _space(summary)
        start = max(self._footer + len(_footer(0)), self._end + needed) + _RESERVE
        self._footer = start + 2 * size
        # The footer goes first: it makes the file longer, and still points to the summary that was.
        self._write(self._footer, _footer(self._slots[self._current] + len(_DATA_END)))
        self._slots, self._current = (start, start + size), 1
        self._replace_summary(self._summary)

    def _replace_summary(self, summary: bytes) -> None:
        self._current, self._summary = 1 - self._current, summary
        slot = self._slots[self._current]
        content = _DATA_END + summary
        unused = self._footer - slot - len(content) - RECORD_HEAD.size
        self._write(slot, content + RECORD_HEAD.pack(_SKIPPED, unused))
        self._write(self._end, RECORD_HEAD.pack(_SKIPPED, slot - self._end - RECORD_HEAD.size))
        self._write(self._footer, _footer(slot + len(_DATA_END)))

    def _write(self, position: int, data: bytes | memoryview) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, position)
            view, position = view[written:], position + written


def _space(summary: bytes) -> int:
    return len(_DATA_END) + len(summary) + RECORD_HEAD.size


def _footer(summary_start: int) -> bytes:
    return record_bytes(Footer(summary_start, summary_offset_start=0, summary_crc=0)) + MCAP0_MAGIC


_DATA_END = record_bytes(DataEnd(0))
