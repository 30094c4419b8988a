"""What a recording consists of: topics, and their messages as they were serialised."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mt3dnet_ros.errors import MT3DNetError


class UnreadableRecordingError(MT3DNetError, OSError):
    """A recording, or a message of one, that cannot be read."""


@dataclass(frozen=True)
class RecordingTopic:
    """A topic of a recording.

    :param message_type: as ROS 2 writes it, such as ``sensor_msgs/msg/Image``
    :param encoding: of its messages: ``cdr`` of ROS 2, ``ros1``, or that of another middleware
    :param definition: of the type and of all types that it contains; empty where the recording does not have it
    :param definition_encoding: ``ros2msg``, ``ros2idl``, ``ros1msg`` or empty
    :param metadata: what MCAP keeps of the topic besides, such as ``offered_qos_profiles``
    """

    name: str
    message_type: str
    encoding: str = 'cdr'
    definition: str = field(default='', repr=False)
    definition_encoding: str = ''
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True)
class StoredMessage:
    """A message of a recording, as it was serialised.

    :param received: nanoseconds of the recorder's clock
    :param published: nanoseconds of the publisher's clock; that of reception where the recording does not say
    :param sequence: the publisher's number of the message; 0 where it has none
    """

    topic: RecordingTopic
    data: bytes = field(repr=False)
    received: int
    published: int
    sequence: int = 0


class RecordingPart(Protocol):
    """One file of a recording.

    ``counts`` has the number of messages of every topic by its name.
    """

    topics: list[RecordingTopic]
    counts: dict[str, int]

    @property
    def problems(self) -> list[str]:
        """What could not be read, in words; complete once all messages have been read."""

    def messages(self, names: Collection[str]) -> Iterator[StoredMessage]:
        """Yield the messages of some topics in the order of their reception; what is damaged is left out."""

    def close(self) -> None:
        """Close the file."""


def ros2_type_name(name: str) -> str:
    """Return ``sensor_msgs/Image`` of ROS 1 as ``sensor_msgs/msg/Image``; other names as they are."""
    package, _, kind = name.partition('/')
    return f'{package}/msg/{kind}' if kind and '/' not in kind else name
