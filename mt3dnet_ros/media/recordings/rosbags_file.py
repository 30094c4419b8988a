"""An SQLite file of ROS 2, or a bag of ROS 1."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.media.recordings.message import RecordingTopic, StoredMessage, UnreadableRecordingError

with needs_extra('recordings'):
    from rosbags import rosbag1, rosbag2


class RosbagsFile:
    """The messages of a ``.db3`` or ``.bag`` file.

    :raises UnreadableRecordingError: it cannot be opened
    """

    def __init__(self, path: Path) -> None:
        self._is_ros1 = path.suffix == '.bag'
        self._reader = _open(path, self._is_ros1)
        self.problems: list[str] = []
        self._topics = {connection.id: self._topic(connection) for connection in self._reader.connections}
        self.topics = list(dict.fromkeys(self._topics.values()))
        self.counts = {name: info.msgcount for name, info in self._reader.topics.items()}

    def messages(self, names: Collection[str]) -> Iterator[StoredMessage]:
        """Yield the messages of some topics in the order of their reception, up to where the file is damaged."""
        connections = [connection for connection in self._reader.connections if connection.topic in names]
        if not connections:  # which rosbags takes for all
            return
        try:
            for connection, received, data in self._reader.messages(connections):
                yield StoredMessage(self._topics[connection.id], bytes(data), received, received)
        except Exception as error:  # of SQLite, of the decompression, of the parser
            self.problems.append(f'it is damaged ({error}): what follows cannot be read')

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def _topic(self, connection: Any) -> RecordingTopic:
        encoding = 'ros1' if self._is_ros1 else connection.ext.serialization_format
        kinds = {'MSG': 'ros1msg' if self._is_ros1 else 'ros2msg', 'IDL': 'ros2idl', 'NONE': ''}
        kind = kinds[connection.msgdef.format.name]
        return RecordingTopic(connection.topic, connection.msgtype, encoding, connection.msgdef.data, kind)


def _open(path: Path, is_ros1: bool) -> Any:
    kind: Any = rosbag1.Reader if is_ros1 else rosbag2.Reader
    try:
        reader = kind(path)
        reader.open()
    except (OSError, rosbag1.ReaderError, rosbag2.ReaderError) as error:
        remedy = '; rosbag reindex of ROS 1 repairs it' if 'index' in str(error) else ''
        raise UnreadableRecordingError(f"recording '{path}' cannot be read: {error}{remedy}") from error
    return reader
