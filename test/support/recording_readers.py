"""What the readers that people use make of a recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mcap.reader import NonSeekingReader, make_reader
from rosbags.highlevel import AnyReader

Messages = list[tuple[str, bytes]]


def by_index(recording: Path) -> Messages:
    """Return topics and messages as mcap's reader of seekable files finds them."""
    with recording.open('rb') as stream:
        return [(channel.topic, message.data) for _, channel, message in make_reader(stream).iter_messages()]


def from_the_beginning(recording: Path) -> Messages:
    """Return topics and messages as mcap's reader of streams finds them, which uses no index."""
    with recording.open('rb') as stream:
        return [(channel.topic, message.data) for _, channel, message in NonSeekingReader(stream).iter_messages()]


def by_rosbags(recording: Path) -> Messages:
    """Return topics and messages as rosbags finds them in a file or a bag's folder."""
    with AnyReader([recording]) as reader:
        return [(connection.topic, bytes(data)) for connection, _, data in reader.messages()]


READERS: tuple[Callable[[Path], Messages], ...] = (by_index, from_the_beginning, by_rosbags)
