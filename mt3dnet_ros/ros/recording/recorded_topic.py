"""One topic of a recording, from the middleware to the queue of the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rclpy.event_handler import QoSMessageLostInfo, SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

from mt3dnet_ros.ros.monitoring.simulated_time import simulated_time
from mt3dnet_ros.ros.recording.file import RecordedMessage

if TYPE_CHECKING:
    from rclpy.subscription import MessageInfo

_DEPTH = 50  # messages that may wait for the executor, two seconds at 25 Hz


class RecordedTopic:
    """The subscription to one topic, with the quality of service that its publishers can serve.

    :param message_type: such as ``sensor_msgs/msg/Image``; publishers of another type are named in the log
    :param put: takes a message; returns whether there was room for it
    """

    def __init__(
        self,
        node: Node,
        topic: str,
        message_type: str,
        message_class: Any,
        put: Callable[[RecordedMessage], bool],
    ) -> None:
        self._node = node
        self._topic = topic
        self._message_type = message_type
        self._message_class = message_class
        self._put = put
        self._other_types: set[str] = set()
        self._last_sequences: dict[bytes, int] = {}
        self.taken = 0
        self.lost = 0
        self._subscribe(recording_profile(self._publishers()))

    def follow_publishers(self) -> None:
        """Subscribe again where a publisher came that the present subscription does not match."""
        publishers = self._publishers()
        profile = recording_profile(publishers) if publishers else self._profile
        if profile != self._profile:
            self._node.destroy_subscription(self._subscription)
            self._subscribe(profile)

    def _publishers(self) -> list[TopicEndpointInfo]:
        found = self._node.get_publishers_info_by_topic(self._topic)
        for other in {info.topic_type for info in found} - {self._message_type} - self._other_types:
            self._other_types.add(other)
            self._node.get_logger().error(
                f"'{self._topic}' is published as {other} as well, which is not recorded beside "
                f'{self._message_type}; give one of the two another name'
            )
        return [info for info in found if info.topic_type == self._message_type]

    def _subscribe(self, profile: QoSProfile) -> None:
        self._profile = profile
        self._subscription = self._node.create_subscription(
            self._message_class,
            self._topic,
            self._receive,
            profile,
            raw=True,
            event_callbacks=SubscriptionEventCallbacks(message_lost=self._count_reported),
        )

    def _receive(self, data: bytes, info: MessageInfo) -> None:
        sequence, publisher = info.get('publication_sequence_number') or 0, info.get('publisher_gid')
        if sequence and publisher:
            self._count_gap(sequence, publisher['data'])
        received, published = info['received_timestamp'], info['source_timestamp']
        if (simulated := simulated_time(self._node)) is not None:
            received = published = simulated
        if self._put(RecordedMessage(self._topic, data, received, published, sequence)):
            self.taken += 1
        else:
            self.lost += 1

    def _count_gap(self, sequence: int, publisher: bytes) -> None:
        self.lost += max(0, sequence - self._last_sequences.get(publisher, sequence) - 1)
        self._last_sequences[publisher] = sequence

    def _count_reported(self, event: QoSMessageLostInfo) -> None:
        if not self._last_sequences:  # this middleware does not number messages
            self.lost += event.total_count_change


def recording_profile(publishers: list[TopicEndpointInfo]) -> QoSProfile:
    """Return the most that every publisher offers."""
    reliable = all(info.qos_profile.reliability == ReliabilityPolicy.RELIABLE for info in publishers)
    latched = all(info.qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL for info in publishers)
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=_DEPTH,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )
