"""A recording: serialised messages in an MCAP file that Foxglove and ``ros2 bag`` open as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import yaml
from mcap.well_known import MessageEncoding, Profile, SchemaEncoding
from mcap.writer import CompressionType, Writer
from rclpy.duration import Duration
from rclpy.qos import QoSProfile
from rclpy.topic_endpoint_info import TopicEndpointInfo

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.ros.message_types import message_definition

COMPRESSIONS = {'lz4': CompressionType.LZ4, 'zstd': CompressionType.ZSTD, 'none': CompressionType.NONE}
_CHUNK_SIZE = 4 * 1024 * 1024


class RecordingError(MT3DNetError, OSError):
    """A recording that cannot be written."""


@dataclass(frozen=True)
class RecordedMessage:
    """A message as it came from the middleware.

    :param data: in CDR, with its four bytes of encapsulation
    :param received: nanoseconds of the system clock
    :param published: nanoseconds of the publisher's system clock
    :param sequence: the publisher's number of the message, whose gaps show what was lost; 0 where it has none
    """

    topic: str
    data: bytes
    received: int
    published: int
    sequence: int = 0


class RecordingFile:
    """An MCAP file that is being written; topics may be added by another thread than the one that writes messages.

    :param path: of the file; its folder is made if need be
    :param compression: a key of ``COMPRESSIONS``
    :param overwrite: replace an existing file
    :raises RecordingError: the file exists or cannot be made
    """

    def __init__(self, path: str | Path, compression: str = 'lz4', overwrite: bool = False) -> None:
        self.path = Path(path)
        if self.path.exists() and not overwrite:
            raise RecordingError(
                f"recording '{self.path}' exists already; move it, choose another output or set overwrite"
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self.path.open('wb')
        except OSError as error:
            raise RecordingError(f"recording '{self.path}' cannot be written: {error.strerror}") from error
        # Checksums would take a tenth of a core of a stream of images; ros2 bag's fast writing leaves them out too.
        self._writer = Writer(
            self._stream, chunk_size=_CHUNK_SIZE, compression=COMPRESSIONS[compression], enable_crcs=False
        )
        self._writer.start(profile=Profile.ROS2, library='mt3dnet_ros')
        self._lock = Lock()
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self.counts: dict[str, int] = {}

    def add_topic(self, topic: str, message_type: str, publishers: Sequence[TopicEndpointInfo] = ()) -> None:
        """Announce a topic before its first message.

        :param message_type: such as ``sensor_msgs/msg/Image``
        :param publishers: whose quality of service ``ros2 bag play`` shall offer
        :raises MessageTypeError: the definition of the type is not installed
        """
        definition = message_definition(message_type).encode()
        metadata = {'offered_qos_profiles': _profiles_text([info.qos_profile for info in publishers])}
        if publishers and hasattr(publishers[0], 'topic_type_hash'):  # since Iron
            metadata['topic_type_hash'] = str(publishers[0].topic_type_hash)
        with self._lock:
            if message_type not in self._schemas:
                schema = self._writer.register_schema(message_type, SchemaEncoding.ROS2, definition)
                self._schemas[message_type] = schema
            self._channels[topic] = self._writer.register_channel(
                topic, MessageEncoding.CDR, self._schemas[message_type], metadata
            )
            self.counts[topic] = 0

    def write(self, message: RecordedMessage) -> None:
        """Append a message of an announced topic."""
        with self._lock:
            self._writer.add_message(
                self._channels[message.topic], message.received, message.data, message.published, message.sequence
            )
            self.counts[message.topic] += 1

    def close(self) -> None:
        """Write what is buffered, and the index without which readers must scan the file."""
        self._writer.finish()
        self._stream.close()


def _profiles_text(profiles: Sequence[QoSProfile]) -> str:
    # Policies as numbers: every version of ros2 bag reads these, names only those since Jazzy.
    return yaml.safe_dump(
        [
            {
                'history': int(profile.history),
                'depth': profile.depth,
                'reliability': int(profile.reliability),
                'durability': int(profile.durability),
                'deadline': _duration(profile.deadline),
                'lifespan': _duration(profile.lifespan),
                'liveliness': int(profile.liveliness),
                'liveliness_lease_duration': _duration(profile.liveliness_lease_duration),
                'avoid_ros_namespace_conventions': profile.avoid_ros_namespace_conventions,
            }
            for profile in profiles
        ],
        sort_keys=False,
    )


def _duration(duration: Duration) -> dict[str, int]:
    sec, nsec = divmod(duration.nanoseconds, 1_000_000_000)
    return {'sec': sec, 'nsec': nsec}
