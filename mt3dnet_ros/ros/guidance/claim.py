"""Which guidance commands an arm: it says so while it is enabled, and no other enables meanwhile."""

from __future__ import annotations

import os
import socket

from rclpy.node import Node
from rclpy.subscription import MessageInfo
from std_msgs.msg import String

from mt3dnet_ros.guidance.signs_of_life.last_words import LastWords
from mt3dnet_ros.ros.graph import publisher_of, publishers_of
from mt3dnet_ros.ros.topics.guidance import GUIDED_BY


class ArmClaim:
    """The claim of a node to an arm, and those of others, until it is closed.

    :param arm: the first part of the arm's topics
    """

    def __init__(self, node: Node, arm: str) -> None:
        self._node = node
        self._name = f'{node.get_fully_qualified_name()} (process {os.getpid()} on {socket.gethostname()})'
        self._held = False
        self._others: LastWords[str] = LastWords()
        topic = GUIDED_BY.of(arm=arm)
        self._topic = node.resolve_topic_name(topic.name)
        self._publisher = topic.publisher(node)
        self._subscription = node.create_subscription(String, topic.name, self._take, topic.profile())

    def hold(self, held: bool) -> None:
        """Claim the arm, or let it go."""
        if held != self._held:
            self._held = held
            self._publisher.publish(String(data=self._name if held else ''))

    def follow_publishers(self) -> None:
        """Forget the claims of nodes that are there no more; to be called before every step."""
        self._others.keep(publishers_of(self._node, self._topic))

    @property
    def objection(self) -> str:
        """Who else has claimed the arm, in words; empty where nobody has."""
        others = sorted(filter(None, self._others.words))
        return f'{", ".join(others)} guides this arm; call its ~/enable with false first' if others else ''

    def close(self) -> None:
        """Let the arm go."""
        self.hold(False)
        self._node.destroy_publisher(self._publisher)
        self._node.destroy_subscription(self._subscription)

    def _take(self, message: String, info: MessageInfo) -> None:
        if message.data != self._name:
            self._others.take(message.data, publisher_of(info))
