"""The subscription to images, which follows what their publishers offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rclpy.event_handler import QoSRequestedIncompatibleQoSInfo, SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import ReliabilityPolicy
from rclpy.subscription import Subscription

from mt3dnet_ros.ros.diagnostics import Finding
from mt3dnet_ros.ros.graph import find_wrong_type, published_types
from mt3dnet_ros.ros.qos import choose_reliability, describe_publishers, image_profile, reliability_name
from mt3dnet_ros.ros.topics.perception import IMAGES
from mt3dnet_ros.ros.topics.topic import Topic

_OTHER_TRANSPORT = {'raw': 'compressed', 'compressed': 'raw'}


class ImageSubscription:
    """Subscribes to ``image`` or ``image/compressed`` for as long as it is not closed.

    :param transport: ``raw`` or ``compressed``; as with image_transport, remapping ``image`` remaps both, unless
        ``image/compressed`` is remapped itself
    :param setting: ``auto``, ``reliable`` or ``best_effort``
    :param images: the topics of one camera by their transport
    :param depth: images that wait while the node is busy; more than the newest only where each may be the one that
        other messages belong to
    """

    def __init__(
        self,
        node: Node,
        transport: str,
        setting: str,
        callback: Callable[[Any], None],
        images: Mapping[str, Topic[Any]] = IMAGES,
        depth: int = 1,
    ) -> None:
        self._node = node
        self._transport = transport
        self._setting = setting
        self._callback = callback
        self._incompatible = False
        self._images, self._depth = images, depth
        self._type = images[transport].message_class
        self.topic = image_topic(node, transport, images)
        self.reliability = self._wanted()
        self._subscription = self._subscribe()

    def follow_publishers(self) -> None:
        """Subscribe again where publishers that came or went call for another reliability; to be called regularly."""
        wanted, incompatible = self._wanted(), self._incompatible
        self._incompatible = False
        if wanted != self.reliability:
            self._change(wanted)
        elif incompatible:
            self._node.get_logger().error(
                f'no image can arrive from some publishers of {self.describe()}: '
                "set image_qos to 'auto' or 'best_effort', or let them publish reliably"
            )

    def describe(self) -> str:
        """Return the topic, its publishers and what is asked of them, and the other transport where that is there."""
        publishers = describe_publishers(self._node, self.topic)
        other = _OTHER_TRANSPORT[self._transport]
        sibling = image_topic(self._node, other, self._images)
        hint = ''
        if publishers == 'no publishers' and published_types(self._node, sibling):
            hint = f', but {sibling} is published: set image_transport to {other}'
        return f'{self.topic} ({reliability_name(self.reliability)} wanted; {publishers}{hint})'

    def findings(self) -> list[Finding]:
        """Return what is wrong with what is published on the topic."""
        return find_wrong_type(self._node, self.topic, self._type, self._remedy())

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._subscription)

    def _remedy(self) -> str:
        images, other = self._images, _OTHER_TRANSPORT[self._transport]
        name = images['raw'].name
        if images[other].message_name not in published_types(self._node, self.topic):
            return f'decode it with `ros2 run image_transport republish`, or remap {name} to a topic of images'
        suffix = images['compressed'].name.removeprefix(name)
        if other == 'compressed' and self.topic.endswith(suffix):
            return f'set image_transport to compressed and remap {name} to {self.topic.removesuffix(suffix)}'
        return f'set image_transport to {other} and remap {images[other].name} to {self.topic}'

    def _wanted(self) -> ReliabilityPolicy:
        return choose_reliability(self._setting, self._node.get_publishers_info_by_topic(self.topic))

    def _change(self, reliability: ReliabilityPolicy) -> None:
        publishers = describe_publishers(self._node, self.topic)
        self._node.get_logger().info(f'{self.topic} is now subscribed {reliability_name(reliability)}: {publishers}')
        self._node.destroy_subscription(self._subscription)
        self.reliability = reliability
        self._subscription = self._subscribe()

    def _subscribe(self) -> Subscription[Any]:
        return self._node.create_subscription(
            self._type,
            self.topic,
            self._callback,
            image_profile(self.reliability, self._depth),
            event_callbacks=SubscriptionEventCallbacks(incompatible_qos=self._note_incompatible),
        )

    def _note_incompatible(self, _: QoSRequestedIncompatibleQoSInfo) -> None:
        self._incompatible = True  # logged by follow_publishers: the publishers' names are known by then


def image_topic(node: Node, transport: str, images: Mapping[str, Topic[Any]] = IMAGES) -> str:
    """Return the resolved name of the images of a transport; see ``ImageSubscription``."""
    base, name = images['raw'].name, images[transport].name
    resolved = node.resolve_topic_name(name)
    if resolved != node.resolve_topic_name(name, only_expand=True):  # remapped itself
        return resolved
    return node.resolve_topic_name(node.resolve_topic_name(base) + name.removeprefix(base))
