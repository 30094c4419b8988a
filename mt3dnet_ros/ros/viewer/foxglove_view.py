"""Live topics on a WebSocket for the Foxglove app."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Set
from typing import TYPE_CHECKING, Any, cast

from rclpy.node import Node

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.ros.message_types import message_definition
from mt3dnet_ros.ros.qos import LATCHED
from mt3dnet_ros.ros.topics.topic import Topic
from mt3dnet_ros.ros.topics.viewer import offered_topics
from mt3dnet_ros.viewer.ports import LOOPBACK, choose_port

if TYPE_CHECKING:
    from foxglove.websocket import ServerListener

    from mt3dnet_ros.ros.parameters.viewer import ViewerParameters

DEFAULT_PORT = 8765
_LARGE = ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage', 'sensor_msgs/msg/PointCloud2')
_LARGEST_MESSAGE = 8  # MiB, of a cloud or an image of full HD


class FoxgloveView:
    """Offers topics to clients and sends each what it asked for, as it came, at most so often a second.

    :raises MissingExtraError: the SDK is not installed
    :raises PortError: nothing can be served at the address
    """

    def __init__(self, node: Node, parameters: ViewerParameters) -> None:
        with needs_extra('view'):
            import foxglove
        names = parameters.perception_ns, parameters.reconstruction_ns
        self.topics = tuple(offered_topics(node, *names, parameters.image_transport))
        port = choose_port(parameters.host, parameters.foxglove_port, DEFAULT_PORT)
        self.url = f'ws://{LOOPBACK if parameters.host == "0.0.0.0" else parameters.host}:{port}'
        self._period = 1.0 / parameters.rate
        self._clients = _Clients()
        self._large = {topic.name for topic in self.topics if topic.message_name in _LARGE}
        self._keep = {topic.name for topic in self.topics if topic.qos == LATCHED}
        self._due: dict[str, float] = {}
        self._latched: dict[str, bytes] = {}
        self._counts: Counter[str] = Counter()
        self._context = foxglove.Context()  # channels end with it
        self._channels = {topic.name: _channel(topic, self._context) for topic in self.topics}
        self._server = foxglove.start_server(
            name='mt3dnet_ros',
            host=parameters.host,
            port=port,
            server_listener=cast('ServerListener', self._clients),
            supported_encodings=['cdr'],
            context=self._context,
            # A client that takes nothing holds so many messages in memory; it also limits the words that say what
            # there is, of which there are as many as topics.
            message_backlog_size=max(2 * len(self.topics), parameters.memory // _LARGEST_MESSAGE),
        )

    def wanted(self) -> Set[str]:
        """Return the topics that clients asked for."""
        for topic in self._clients.take_new():
            if topic in self._latched:
                self._send(topic, self._latched[topic])
        return self._clients.topics()

    def show(self, topic: str, data: bytes) -> None:
        """Send a serialised message."""
        self._counts['received'] += 1
        if topic in self._keep:
            self._latched[topic] = data
        if self._is_due(topic):
            self._send(topic, data)
        else:
            self._counts['skipped'] += 1

    def _is_due(self, topic: str) -> bool:
        """Return whether a message is to be sent; due times follow a grid, so that 25 Hz become 10 Hz and not 8."""
        now = time.monotonic()
        due = self._due.get(topic, now)
        if topic in self._large and now >= due:
            self._due[topic] = max(due + self._period, now)
        return topic not in self._large or now >= due

    def _send(self, topic: str, data: bytes) -> None:
        self._channels[topic].log(data, log_time=time.time_ns())

    def figures(self) -> dict[str, str]:
        """Return counts since the start."""
        return {key: str(self._counts[key]) for key in ('received', 'skipped')}

    def problems(self) -> list[str]:
        """Return nothing: messages are sent as they are."""
        return []

    def close(self) -> None:
        """End the server."""
        self._server.stop()


class _Clients:
    """Which client asked for which topic; called by the server's threads, asked by the node's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: set[tuple[int, str]] = set()
        self._new: list[str] = []

    def on_subscribe(self, client: Any, channel: Any) -> None:
        with self._lock:
            self._asked.add((client.id, channel.topic))
            self._new.append(channel.topic)

    def on_unsubscribe(self, client: Any, channel: Any) -> None:
        with self._lock:
            self._asked.discard((client.id, channel.topic))

    def take_new(self) -> list[str]:
        """Return the topics that were asked for since the last call."""
        with self._lock:
            new, self._new = self._new, []
            return new

    def topics(self) -> set[str]:
        """Return the topics that anyone asks for."""
        with self._lock:
            return {topic for _, topic in self._asked}


def _channel(topic: Topic[Any], context: Any) -> Any:
    import foxglove

    definition = message_definition(topic.message_name).encode()
    schema = foxglove.Schema(name=topic.message_name, encoding='ros2msg', data=definition)
    return foxglove.Channel(topic.name, schema=schema, message_encoding='cdr', context=context)
