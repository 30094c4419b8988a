"""The subscription to CameraInfo, which asks for latched ones where a publisher offers them."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.ros.diagnostics import Finding
from mt3dnet_ros.ros.graph import find_wrong_type
from mt3dnet_ros.ros.qos import LATCHED, describe_publishers
from mt3dnet_ros.ros.topics.perception import CAMERA_INFO
from mt3dnet_ros.ros.topics.topic import Topic


class CameraInfoSubscription:
    """Takes CameraInfo from whoever publishes it, and what a latched publisher said before, until it is closed.

    A subscription that asks for latched messages gets none of publishers that do not latch, which may be there as
    well: it is a second one, for as long as some publisher latches.

    :param callback: called with every message; with some of latched publishers twice
    :param topic: of the camera
    """

    def __init__(
        self, node: Node, callback: Callable[[CameraInfo], None], topic: Topic[CameraInfo] = CAMERA_INFO
    ) -> None:
        self._node = node
        self._callback = callback
        self._name = topic.name
        self._any = topic.subscription(node, callback)
        self._latched: Subscription[CameraInfo] | None = None
        self.topic = self._any.topic_name
        self.follow_publishers()

    def follow_publishers(self) -> None:
        """Begin or cease to ask for latched messages; to be called regularly."""
        offered = any(_latches(info.qos_profile) for info in self._node.get_publishers_info_by_topic(self.topic))
        if offered and self._latched is None:
            self._latched = self._subscribe_latched()
        elif not offered and self._latched is not None:
            self._node.destroy_subscription(self._latched)
            self._latched = None

    def describe(self) -> str:
        """Return the topic and its publishers."""
        return f'{self.topic} ({describe_publishers(self._node, self.topic)})'

    def findings(self) -> list[Finding]:
        """Return what is wrong with what is published on the topic."""
        remedy = f'remap {self._name} to the CameraInfo of the images'
        return find_wrong_type(self._node, self.topic, CameraInfo, remedy)

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._any)
        if self._latched is not None:
            self._node.destroy_subscription(self._latched)

    def _subscribe_latched(self) -> Subscription[CameraInfo]:
        events = SubscriptionEventCallbacks(incompatible_qos=lambda _: None)  # of publishers that do not latch
        return self._node.create_subscription(CameraInfo, self.topic, self._callback, LATCHED, event_callbacks=events)


def _latches(profile: QoSProfile) -> bool:
    return (profile.durability, profile.reliability) == (DurabilityPolicy.TRANSIENT_LOCAL, ReliabilityPolicy.RELIABLE)
