"""The node ``recorder``: topics, as they come, into an MCAP file."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from rclpy.event_handler import QoSMessageLostInfo, SubscriptionEventCallbacks
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

from mt3dnet_ros.ros.message_types import MessageTypeError, load_message_class
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.parameters.video import RecorderParameters
from mt3dnet_ros.ros.recording.file import RecordedMessage, RecordingFile
from mt3dnet_ros.ros.recording.output import RecordingError
from mt3dnet_ros.ros.recording.thread import RecordingThread
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.video import recorded_topics

if TYPE_CHECKING:
    from rclpy.subscription import MessageInfo

_DEPTH = 50  # messages that may wait for the executor, two seconds at 25 Hz
_MEBIBYTE = 1024 * 1024


class Recorder(Node):
    """Subscribes to topics as soon as they have a publisher and writes their messages without deserialising them."""

    def __init__(self) -> None:
        super().__init__('recorder')
        self._opened = ExitStack()  # what ends with the node
        declare_parameters(self, RecorderParameters)
        parameters = read_parameters(self, RecorderParameters)
        self._file = RecordingFile(parameters.output, parameters.compression, parameters.overwrite)
        self._thread = RecordingThread(self._file, parameters.buffer * _MEBIBYTE)
        topics = parameters.topics or recorded_topics(parameters.perception_ns)
        self._waiting = [self.resolve_topic_name(topic) for topic in topics]
        self._recorded: dict[str, RecordedTopic] = {}
        self._opened.callback(self._finish)
        self.create_timer(0.1, self._look_for_publishers)
        self.get_logger().info(f"recording {len(self._waiting)} topics to '{self._file.path}'")

    def _look_for_publishers(self) -> None:
        if self._thread.error:
            raise RecordingError(f"recording '{self._file.path}' stopped: {self._thread.error}")
        for topic in self._waiting:
            if publishers := self.get_publishers_info_by_topic(topic):
                self._record(topic, publishers)
        self._waiting = [topic for topic in self._waiting if topic not in self._recorded]
        for recorded in self._recorded.values():
            recorded.follow_publishers()

    def _record(self, topic: str, publishers: list[TopicEndpointInfo]) -> None:
        message_type = publishers[0].topic_type
        try:
            message_class = load_message_class(message_type)
            self._file.add_topic(topic, message_type, publishers)
        except MessageTypeError as error:
            self.get_logger().error(f"'{topic}' cannot be recorded: {error}", throttle_duration_sec=60.0)
        else:
            self._recorded[topic] = RecordedTopic(self, topic, message_class, publishers, self._thread)

    def destroy_node(self) -> None:
        """Finish the file and say what is in it."""
        self._opened.close()
        super().destroy_node()

    def _finish(self) -> None:
        logger = get_logger('recorder.summary')  # the node's own would publish on a context that is shut down
        lost = sum(topic.lost for topic in self._recorded.values())
        try:
            self._thread.close()
        except Exception as error:
            logger.fatal(f"recording '{self._file.path}' is incomplete: {error}")
        for topic in self._waiting:
            logger.warning(f"'{topic}' had no publisher")
        for name, recorded in self._recorded.items():
            loss = f', {recorded.lost} lost' if recorded.lost else ''
            logger.info(f'{name}: {self._file.counts[name]} messages{loss}')
        total = sum(self._file.counts.values())
        logger.info(f"'{self._file.path}' has {total} messages of {len(self._recorded)} topics, {lost} lost")


class RecordedTopic:
    """The subscription to one topic, with the quality of service that its publishers can serve."""

    def __init__(
        self,
        node: Node,
        topic: str,
        message_class: Any,
        publishers: list[TopicEndpointInfo],
        thread: RecordingThread,
    ) -> None:
        self._node = node
        self._topic = topic
        self._message_class = message_class
        self._thread = thread
        self._last_sequences: dict[bytes, int] = {}
        self.lost = 0
        self._subscribe(recording_profile(publishers))

    def follow_publishers(self) -> None:
        """Subscribe again where a publisher came that the present subscription does not match."""
        publishers = self._node.get_publishers_info_by_topic(self._topic)
        profile = recording_profile(publishers) if publishers else self._profile
        if profile != self._profile:
            self._node.destroy_subscription(self._subscription)
            self._subscribe(profile)

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
        message = RecordedMessage(self._topic, data, info['received_timestamp'], info['source_timestamp'], sequence)
        if not self._thread.put(message):
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


def main(args: list[str] | None = None) -> None:
    """Run the node until Ctrl-C; end with status 1 where the file cannot be written."""
    try:
        run_node(Recorder, args)
    except RecordingError as error:
        get_logger('recorder').fatal(str(error))
        sys.exit(1)
