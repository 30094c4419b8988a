"""Where the robot says that its tools were, from the topics of their poses."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from functools import partial

from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from rclpy.subscription import Subscription

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.ros.messages.headers import SECOND, StampError, stamp_to_ns
from mt3dnet_ros.ros.topics.perception import TIP

_KEPT = 200  # poses of a tool: at 200 Hz those of the last second
_APART = 0.1  # seconds between an image and a pose that still says where the tool was


class NoPoseError(InputError):
    """The robot has not said where a tool was at the time of an image."""


class TipTopics:
    """The newest poses of every tool; they come in one thread and are asked for in another.

    :param topics: of ``PoseStamped`` by the tools' names
    """

    def __init__(self, node: Node, topics: Mapping[str, str]) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._poses: dict[str, deque[tuple[int, PoseStamped]]] = {name: deque(maxlen=_KEPT) for name in topics}
        self._subscriptions: dict[str, Subscription[PoseStamped]] = {
            name: TIP.of(tip_topics=topic).subscription(node, partial(self._take, name))
            for name, topic in topics.items()
        }

    def at(self, name: str, stamp: int) -> PoseStamped:
        """Return the pose of a tool that is nearest in time to an image.

        :param stamp: of the image, nanoseconds
        :raises NoPoseError: none is near enough
        """
        topic = self._subscriptions[name].topic_name
        with self._lock:
            poses = list(self._poses[name])
        if not poses:
            raise NoPoseError(f'no pose has come on {topic}; see whether the robot publishes it')
        when, pose = min(poses, key=lambda pose: abs(pose[0] - stamp))
        apart = (when - stamp) / SECOND
        if abs(apart) > _APART:
            raise NoPoseError(
                f'the nearest pose on {topic} was {abs(apart):.1f} s {"after" if apart > 0 else "before"} the image; '
                'the clocks of camera and robot must agree, and poses must keep coming'
            )
        return pose

    def close(self) -> None:
        """Unsubscribe."""
        for subscription in self._subscriptions.values():
            self._node.destroy_subscription(subscription)

    def _take(self, name: str, pose: PoseStamped) -> None:
        try:
            stamp = stamp_to_ns(pose.header.stamp)
        except StampError:
            return  # it is then missed, which is told
        with self._lock:
            self._poses[name].append((stamp, pose))
