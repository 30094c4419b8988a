"""The frame that the outputs of a node ``perception`` are in."""

from __future__ import annotations

from typing import Any

from rclpy.node import Node
from rclpy.subscription import Subscription

from mt3dnet_ros.ros.messages.headers import clean_frame_id
from mt3dnet_ros.ros.topics.perception import BY_KEY, LABEL_INFO

# The label info names the frame at once where a parameter does; the others are cheap, and have that of an image.
_STAMPED = (LABEL_INFO, BY_KEY['detections'], BY_KEY['segmentation/labels'], BY_KEY['depth/camera_info'])


class OutputFrame:
    """Learns the frame of a node's outputs from the first that has one, and then unsubscribes.

    :param perception: name of the node ``perception``
    :param given: the frame, where it is known already
    """

    def __init__(self, node: Node, perception: str, given: str = '') -> None:
        self._node = node
        self._subscriptions: list[Subscription[Any]] = []
        self.frame = clean_frame_id(given)
        self.problem = ''
        if not self.frame:
            topics = [topic.of_node(perception) for topic in _STAMPED]
            self._subscriptions += [topic.subscription(node, self._take) for topic in topics]
            topic = self._subscriptions[1].topic_name
            self.problem = f"nothing has come on '{topic}': is that the node, is it active, has it images?"

    def _take(self, message: Any) -> None:
        if message.header.frame_id:
            self.frame, self.problem = message.header.frame_id, ''
            self.close()
        elif not isinstance(message, LABEL_INFO.message_class):
            self.problem = 'the images have no frame_id: let their driver set one, or set frame_id of perception'

    def close(self) -> None:
        """Unsubscribe."""
        while self._subscriptions:
            self._node.destroy_subscription(self._subscriptions.pop())
