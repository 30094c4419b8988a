"""The publishers of the node ``reconstruction``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher

from mt3dnet_ros.ros.sender import Sender
from mt3dnet_ros.ros.topics.reconstruction import (
    CAMERA_INFO,
    DEPTH,
    DISTANCES,
    MESH,
    ODOMETRY,
    PICTURE,
    SURFACE,
    TRANSFORM,
)
from mt3dnet_ros.ros.topics.topic import Topic


class ReconstructionOutputs:
    """Publishes what is wanted; used by one thread at a time.

    :param publishes_tf: whether transforms are among it
    :param on_failure: called with the name of a topic whose message an overloaded middleware refused
    """

    def __init__(self, node: LifecycleNode, publishes_tf: bool, on_failure: Callable[[str], None]) -> None:
        self._node, self._on_failure = node, on_failure
        topics: list[Topic[Any]] = [SURFACE, MESH, DEPTH, CAMERA_INFO, PICTURE, DISTANCES, ODOMETRY]
        topics += [TRANSFORM] if publishes_tf else []
        self._publishers: dict[Topic[Any], LifecyclePublisher[Any]] = {
            topic: topic.lifecycle_publisher(node) for topic in topics if not topic.missing
        }
        self.missing = {topic.name: topic.missing for topic in topics if topic.missing}
        self._published: dict[Topic[Any], float] = {}  # when, by topic
        self._sender = Sender()

    def wants(self, *topics: Topic[Any]) -> bool:
        """Return whether somebody subscribes to one of the topics."""
        publishers = [self._publishers[topic] for topic in topics if topic in self._publishers]
        return any(publisher.get_subscription_count() for publisher in publishers)

    def is_due(self, topic: Topic[Any], rate: float) -> bool:
        """Return whether a topic of so many messages per second is wanted, and its time has come."""
        return self.wants(topic) and time.monotonic() - self._published.get(topic, float('-inf')) >= 1.0 / rate

    def publish(self, topic: Topic[Any], message: Any) -> None:
        """Publish a message, bulk, serialised, or as it is."""
        publisher = self._publishers[topic]
        self._published[topic] = time.monotonic()
        try:
            self._sender.publish(publisher, message)
        except rclpy_implementation.RCLError:
            self._on_failure(publisher.topic_name)

    def close(self) -> None:
        """Destroy the publishers."""
        for publisher in self._publishers.values():
            self._node.destroy_lifecycle_publisher(publisher)
