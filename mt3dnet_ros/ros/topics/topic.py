"""One topic of a node: its name, type, content and quality of service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import QoSProfile

from mt3dnet_ros.ros.message_types import MessageTypeError, load_message_class, message_name
from mt3dnet_ros.ros.qos import OUTPUT, QUEUED

if TYPE_CHECKING:
    from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
    from rclpy.node import Node
    from rclpy.publisher import Publisher
    from rclpy.subscription import Subscription

M = TypeVar('M')


@dataclass(frozen=True, eq=False)
class Topic(Generic[M]):
    """One topic, as its node names it before remapping.

    :param name: below the node's own name where it begins with ``~/``; ``{arm}`` stands for a parameter of the node
    :param message: its type, or the name of a type that may not be installed, such as ``tf2_msgs/msg/TFMessage``
    :param content: what is in it, in words
    :param qos: that is offered or asked for; None follows what the publishers offer
    """

    name: str
    message: type[M] | str
    content: str
    qos: QoSProfile | None = field(default_factory=lambda: OUTPUT)

    @property
    def message_class(self) -> type[M]:
        """The type.

        :raises MessageTypeError: it is not installed
        """
        return load_message_class(self.message) if isinstance(self.message, str) else self.message

    @property
    def missing(self) -> str:
        """What is to be installed before the topic can be had, in words; empty where nothing is."""
        try:
            self.message_class  # noqa: B018
        except MessageTypeError as error:
            return str(error)
        return ''

    @property
    def message_name(self) -> str:
        """The name of the type as ROS tools write it."""
        return self.message if isinstance(self.message, str) else message_name(self.message)

    @property
    def can_be_remapped(self) -> bool:
        """Whether launch files give it another name: it neither belongs to the node nor is named by a parameter."""
        return self.name[0] not in '~/{'

    def below(self, node: str) -> str:
        """Return the whole name.

        :param node: full name of its node
        """
        return self.name.replace('~', node.rstrip('/'), 1)

    def of_node(self, node: str) -> Topic[M]:
        """Return the topic with its whole name, for other nodes than its own.

        :param node: full name of its node
        """
        return replace(self, name=self.below(node))

    def of(self, **parameters: str) -> Topic[M]:
        """Return the topic with values in the place of the parameters in its name."""
        return replace(self, name=self.name.format(**parameters))

    def resolved(self, node: Node) -> Topic[M]:
        """Return the topic with the name that it has for a node after remapping."""
        return replace(self, name=node.resolve_topic_name(self.name))

    def publisher(self, node: Node) -> Publisher[M]:
        """Create the publisher."""
        return node.create_publisher(self.message_class, self.name, self.profile())

    def lifecycle_publisher(self, node: LifecycleNode) -> LifecyclePublisher[M]:
        """Create a publisher that is silent while the node is not active."""
        return node.create_lifecycle_publisher(self.message_class, self.name, self.profile())

    def subscription(self, node: Node, callback: Callable[[M], None]) -> Subscription[M]:
        """Create the subscription."""
        return node.create_subscription(self.message_class, self.name, callback, self.profile())

    def raw_subscription(self, node: Node, callback: Callable[[Any], None]) -> Subscription[M]:
        """Create a subscription whose messages stay serialised: the callback gets bytes."""
        return node.create_subscription(self.message_class, self.name, callback, self.profile(), raw=True)

    def profile(self) -> QoSProfile:
        """Return the quality of service; a topic that follows its publishers has none of its own."""
        if self.qos is None:
            raise ValueError(f'the quality of service of {self.name} follows its publishers; choose one by ros/qos.py')
        return self.qos


@dataclass(frozen=True)
class NodeTopics:
    """All topics of a node, and its services.

    :param note: what the tables of the documentation do not say
    :param services: names of those that it offers besides those of every node
    :param is_lifecycle: whether it has the services of a lifecycle node
    """

    subscribes: tuple[Topic[Any], ...] = ()
    publishes: tuple[Topic[Any], ...] = ()
    note: str = ''
    services: tuple[str, ...] = ()
    is_lifecycle: bool = False

    @property
    def remappable(self) -> frozenset[str]:
        """The names that launch files may replace."""
        return frozenset(topic.name for topic in (*self.subscribes, *self.publishes) if topic.can_be_remapped)


DIAGNOSTICS = Topic('/diagnostics', DiagnosticArray, 'what is wrong, in words, and figures; once a second', QUEUED)
