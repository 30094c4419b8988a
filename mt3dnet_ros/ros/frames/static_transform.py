"""Transforms that do not change, on ``/tf_static``."""

from __future__ import annotations

from typing import Any

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.ros.message_types import MessageTypeError
from mt3dnet_ros.ros.qos import LATCHED
from mt3dnet_ros.ros.topics.rig import TRANSFORM

_OF_ALL_PUBLISHERS = QoSProfile(depth=100, durability=LATCHED.durability, reliability=LATCHED.reliability)


class StaticTransformError(MT3DNetError, ImportError):
    """Transforms cannot be published here."""


class StaticTransform:
    """Publishes one transform, for subscribers of now and later.

    :raises StaticTransformError: tf2_msgs is not installed
    """

    def __init__(self, node: Node) -> None:
        try:
            self._message_class = TRANSFORM.message_class
            self._publisher: Publisher[Any] = TRANSFORM.publisher(node)
        except MessageTypeError as error:
            raise StaticTransformError(
                f'tf2_msgs, which comes with a ROS installation, is needed to publish transforms: {error}'
            ) from error

    def publish(self, transform: TransformStamped) -> None:
        """Publish it; its stamp says since when it holds."""
        self._publisher.publish(self._message_class(transforms=[transform]))


class OtherTransforms:
    """What others publish: ``parents`` has the parent of every child."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.parents: dict[str, str] = {}
        self._subscription = node.create_subscription(
            TRANSFORM.message_class, TRANSFORM.name, self._take, _OF_ALL_PUBLISHERS
        )

    def _take(self, message: Any) -> None:
        self.parents |= {each.child_frame_id: each.header.frame_id for each in message.transforms}

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._subscription)
