"""The subscription to what an arm says of itself."""

from __future__ import annotations

from typing import Any

from rclpy.node import Node
from rclpy.subscription import MessageInfo, Subscription

from mt3dnet_ros.guidance.signs_of_life.operating_state import IGNORED, OperatingState, ReadyArm
from mt3dnet_ros.ros.graph import publisher_of, publishers_of
from mt3dnet_ros.ros.message_types import MessageTypeError
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters
from mt3dnet_ros.ros.topics.guidance import OPERATING_STATE


class OperatingStateSubscription:
    """Hears whether an arm is ready, until it is closed.

    The type belongs to ``crtk_msgs``, which comes with the dVRK and its simulators. DDS joins only ends that have the
    same type, so that no message of ours could take its place: where it is not installed, an arm that publishes its
    state counts as one whose state cannot be read.
    """

    def __init__(self, node: Node, parameters: CameraGuidanceParameters) -> None:
        self._node = node
        topic = OPERATING_STATE.of(arm=parameters.dvrk__arm)
        self._topic = node.resolve_topic_name(topic.name)
        self.arm = ReadyArm(parameters.dvrk__operating_state, self._topic)
        self._subscription: Subscription[Any] | None = None
        if parameters.dvrk__operating_state != IGNORED:
            try:
                self._subscription = node.create_subscription(
                    topic.message_class, topic.name, self._take, topic.profile()
                )
            except MessageTypeError as error:
                self.arm.unreadable = str(error)
        self.follow_publishers()

    def follow_publishers(self) -> None:
        """Forget what publishers said that are there no more; to be called before every step."""
        self.arm.keep(publishers_of(self._node, self._topic))

    def close(self) -> None:
        """Unsubscribe."""
        if self._subscription:
            self._node.destroy_subscription(self._subscription)

    def _take(self, message: Any, info: MessageInfo) -> None:
        self.arm.take(OperatingState(message.state, message.is_homed), publisher_of(info))
