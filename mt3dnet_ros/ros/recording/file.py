"""A recording: serialised messages in an MCAP file, by default within the folder that ``ros2 bag`` expects."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from mcap.records import Channel, Header, Schema
from mcap.well_known import MessageEncoding, Profile, SchemaEncoding
from mcap.writer import MCAP0_MAGIC
from rclpy.topic_endpoint_info import TopicEndpointInfo

from mt3dnet_ros.ros.message_types import message_definition
from mt3dnet_ros.ros.recording.bag_folder import BagTopic, write_metadata
from mt3dnet_ros.ros.recording.chunk import ChunkBuilder
from mt3dnet_ros.ros.recording.compression import COMPRESSIONS, Choice
from mt3dnet_ros.ros.recording.growing_file import GrowingFile
from mt3dnet_ros.ros.recording.offered_qos import profiles_text
from mt3dnet_ros.ros.recording.output import RecordingError, RecordingOutput
from mt3dnet_ros.ros.recording.records import record_bytes
from mt3dnet_ros.ros.recording.summary import RecordingSummary

COMMIT_PERIOD = 0.5  # seconds within which messages are in the file and in its index
_INDEX_RATE = 50e6  # bytes per second that rewriting a long recording's index may take
_CHUNK_SIZE = 4 * 1024 * 1024


@dataclass(frozen=True)
class RecordedMessage:
    """A message as it came from the middleware.

    :param data: in CDR, with its four bytes of encapsulation
    :param received: nanoseconds of the recording's clock
    :param published: nanoseconds of the same clock
    :param sequence: the publisher's number of the message, whose gaps show what was lost; 0 where it has none
    """

    topic: str
    data: bytes
    received: int
    published: int
    sequence: int = 0


class RecordingFile:
    """A recording that is being written, and can be read at every moment.

    Topics may be added by another thread than the one that writes messages.

    :param path: of an MCAP file where it ends in ``.mcap``, else of a bag's folder; parents are made if need be
    :param compression: a key of ``COMPRESSIONS``
    :param overwrite: replace an existing recording
    :raises RecordingError: it exists or cannot be made
    """

    def __init__(self, path: str | Path, compression: str = 'lz4', overwrite: bool = False) -> None:
        self.path = Path(path)
        self._output = RecordingOutput(self.path)
        self._output.prepare(overwrite)
        # Checksums would take a tenth of a core of a stream of images; ros2 bag's fast writing leaves them out too.
        self._is_compressed = Choice(COMPRESSIONS[compression])
        self._chunks = {False: ChunkBuilder(), True: ChunkBuilder(COMPRESSIONS[compression])}
        self._announced: list[bytes] = []  # schemas and channels that are not in the file yet
        self._summary = RecordingSummary()
        self._lock = Lock()
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._topics: list[tuple[str, str, str]] = []  # name, type, quality of service
        self._committed = time.monotonic()
        self._period = COMMIT_PERIOD
        self._changed = False  # since the last commit
        self.counts: dict[str, int] = {}  # messages of each topic that can be read
        try:
            head = MCAP0_MAGIC + record_bytes(Header(Profile.ROS2, 'mt3dnet_ros'))
            self._file = GrowingFile(self._output.file, head, self._summary.encode())
            self._write_metadata()
        except OSError as error:
            raise RecordingError(f"recording '{self.path}' cannot be written: {error.strerror}") from error

    def add_topic(self, topic: str, message_type: str, publishers: Sequence[TopicEndpointInfo] = ()) -> None:
        """Announce a topic before its first message.

        :param message_type: such as ``sensor_msgs/msg/Image``
        :param publishers: whose quality of service ``ros2 bag play`` shall offer
        :raises MessageTypeError: the definition of the type is not installed
        """
        offered = profiles_text([info.qos_profile for info in publishers])
        metadata = {}
        if publishers and hasattr(publishers[0], 'topic_type_hash'):  # since Iron
            metadata['topic_type_hash'] = str(publishers[0].topic_type_hash)
        self.copy_topic(topic, message_type, message_definition(message_type), offered, metadata)

    def copy_topic(
        self, topic: str, message_type: str, definition: str, offered: str, metadata: Mapping[str, str] | None = None
    ) -> None:
        """Announce a topic of another recording, whose type need not be installed.

        :param definition: of the type and all that it contains, as ``message_definition`` writes it
        :param offered: quality of service that ``ros2 bag play`` shall offer, as ``profiles_text`` writes it
        :param metadata: of the topic, besides that
        """
        with self._lock:
            described = {'offered_qos_profiles': offered, **(metadata or {})}
            self._add_channel(topic, self._schema(message_type, definition.encode()), described)
            self._topics.append((topic, message_type, offered))
            self.counts[topic] = 0
            self._changed = True

    def write(self, message: RecordedMessage) -> None:
        """Append a message of an announced topic."""
        with self._lock:
            compressed = self._is_compressed(message.topic, message.data)
            chunk = self._chunks[compressed]
            channel = self._channels[message.topic]
            chunk.add(channel, message.sequence, message.received, message.published, message.data)
            self._changed = True
            if chunk.size >= _CHUNK_SIZE:
                if time.monotonic() >= self.commit_due:
                    self._commit()
                else:
                    self._append(self._take(compressed))

    @property
    def commit_due(self) -> float:
        """Monotonic time at which ``commit`` is to be called."""
        return self._committed + self._period

    def commit(self) -> None:
        """Make everything that was written visible to every reader."""
        with self._lock:
            if self._changed:
                self._commit()
            self._committed = time.monotonic()

    def close(self) -> None:
        """Write what is buffered, and the file's usual end."""
        with self._lock:
            self._commit()
            self._file.close(self._summary.encode())
            self._write_metadata()

    def _schema(self, message_type: str, definition: bytes) -> int:
        if message_type not in self._schemas:
            number = len(self._schemas) + 1
            schema = Schema(id=number, name=message_type, encoding=SchemaEncoding.ROS2, data=definition)
            self._schemas[message_type] = number
            self._summary.add_schema(schema)
            self._announced.append(record_bytes(schema))
        return self._schemas[message_type]

    def _add_channel(self, topic: str, schema: int, metadata: dict[str, str]) -> None:
        number = len(self._channels) + 1
        channel = Channel(
            id=number, topic=topic, message_encoding=MessageEncoding.CDR, metadata=metadata, schema_id=schema
        )
        self._channels[topic] = number
        self._summary.add_channel(channel)
        self._announced.append(record_bytes(channel))

    def _commit(self) -> None:
        pieces = self._take(*self._chunks)
        summary = self._summary.encode()
        self._append(pieces, summary)
        self._write_metadata()
        self._committed, self._period = time.monotonic(), max(COMMIT_PERIOD, len(summary) / _INDEX_RATE)
        self._changed = False

    def _take(self, *which: bool) -> list[bytes]:
        """Return what some chunks have, to be written at once, and begin the next ones."""
        pieces, self._announced = self._announced, []
        for compressed in which:
            builder = self._chunks[compressed]
            self._chunks[compressed] = ChunkBuilder(builder.codec)
            if chunk := builder.finish(self._file.end + sum(map(len, pieces))):
                self._summary.add_chunk(chunk.index, chunk.counts)
                pieces += chunk.pieces
        return pieces

    def _append(self, pieces: Sequence[bytes], summary: bytes | None = None) -> None:
        self._file.append(pieces, summary)
        self.counts = {topic: self._summary.counts[number] for topic, number in self._channels.items()}

    def _write_metadata(self) -> None:
        if self._output.folder:
            topics = [BagTopic(*topic, self.counts[topic[0]]) for topic in self._topics]
            write_metadata(self._output.folder, self._output.file.name, topics, self._summary.start, self._summary.end)
