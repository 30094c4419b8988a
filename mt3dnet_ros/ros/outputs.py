"""The publishers of the node ``perception``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from std_msgs.msg import Header

from mt3dnet_ros.perception.taxonomy import Taxonomy
from mt3dnet_ros.ros.messages.labels import fill_label_info
from mt3dnet_ros.ros.sender import Sender
from mt3dnet_ros.ros.topics.output import Output, StampedScene
from mt3dnet_ros.ros.topics.perception import LABEL_INFO, OUTPUTS


class Publishers:
    """The publishers of all outputs whose types are installed; one without a subscriber costs nothing.

    :param on_failure: called with the resolved name of a topic whose message an overloaded middleware refused
    """

    def __init__(self, node: LifecycleNode, on_failure: Callable[[str], None]) -> None:
        self._node = node
        self._on_failure = on_failure
        self._publishers: dict[Output[Any], LifecyclePublisher[Any]] = {
            output: output.lifecycle_publisher(node) for output in OUTPUTS if not output.missing
        }
        self._sender = Sender()
        self._labels = LABEL_INFO.lifecycle_publisher(node)
        self.names = {output: publisher.topic_name for output, publisher in self._publishers.items()}  # resolved

    def publish_labels(self, taxonomy: Taxonomy, threshold: float, header: Header) -> None:
        """Publish what the labels mean, for subscribers of now and later."""
        self._labels.publish(fill_label_info(taxonomy, threshold, header))

    def wanted(self, enabled: tuple[str, ...]) -> list[Output[Any]]:
        """Return the outputs that are enabled and subscribed to.

        :param enabled: the parameter ``outputs``
        """
        return [
            output
            for output, publisher in self._publishers.items()
            if output.is_enabled(enabled) and publisher.get_subscription_count()
        ]

    def disabled(self, enabled: tuple[str, ...]) -> list[Output[Any]]:
        """Return the outputs that are subscribed to, but not enabled.

        :param enabled: the parameter ``outputs``
        """
        return [
            output
            for output, publisher in self._publishers.items()
            if not output.is_enabled(enabled) and publisher.get_subscription_count()
        ]

    def publish(self, outputs: Iterable[Output[Any]], stamped: StampedScene) -> None:
        """Encode and publish."""
        for output in outputs:
            message = output.encode(stamped)
            if message is not None:
                self._publish(output, message)

    def _publish(self, output: Output[Any], message: Any) -> None:
        try:
            self._sender.publish(self._publishers[output], message)
        except rclpy_implementation.RCLError:
            self._on_failure(self.names[output])

    def close(self) -> None:
        """Destroy the publishers."""
        for publisher in (*self._publishers.values(), self._labels):
            self._node.destroy_lifecycle_publisher(publisher)
