"""What perception publishes of one eye, image by image."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from rclpy.node import Node
from rclpy.subscription import Subscription

from mt3dnet_ros import msg
from mt3dnet_ros.perception.console.matching import StampMatcher
from mt3dnet_ros.ros.diagnostics import Finding
from mt3dnet_ros.ros.graph import find_wrong_type
from mt3dnet_ros.ros.messages.headers import StampError, stamp_to_ns
from mt3dnet_ros.ros.messages.labels import read_palette
from mt3dnet_ros.ros.qos import describe_publishers
from mt3dnet_ros.ros.topics.console import COLORS, INPUTS
from mt3dnet_ros.ros.topics.topic import Topic

_OF_AN_IMAGE = ('labels', 'detections')  # without which nothing is drawn
_WITH_SALIENCY = ('scanpath',)  # which a network without saliency never has


@dataclass(frozen=True)
class PerceivedImage:
    """The messages of one image.

    :param stamp: of the image, nanoseconds
    :param arrival: of the last of them, seconds of a clock that nobody sets
    :param scanpath: of the same image; None where there is none, or not yet
    :param gaze: the newest, of this image or of one before; None where none has come
    """

    stamp: int
    arrival: float
    labels: Any
    detections: msg.DetectionArray
    scanpath: msg.Scanpath | None
    gaze: Any


class PerceptionInputs:
    """Subscribes to the outputs of a node ``perception`` while they are wanted.

    :param perception: its full name
    :param on_image: called with what belongs to one image
    :param on_error: called with the reason why a message cannot be used
    """

    def __init__(
        self,
        node: Node,
        perception: str,
        on_image: Callable[[PerceivedImage], None],
        on_error: Callable[[str], None],
    ) -> None:
        self._node = node
        self._on_image, self._on_error = on_image, on_error
        self._topics = {kind: self._whole(topic, perception) for kind, topic in INPUTS.items()}
        self._matcher = StampMatcher(_OF_AN_IMAGE, _WITH_SALIENCY)
        self._gaze: Any = None
        self._subscriptions: list[Subscription[Any]] = []
        self._colors = self._whole(COLORS, perception).subscription(node, self._take_colors)
        self.palette: np.ndarray | None = None
        """The colour of every class id, (256, 3) uint8; None where it is not known yet."""

    @property
    def incomplete(self) -> int:
        """Images of which something never came."""
        return self._matcher.incomplete

    def subscribe(self) -> None:
        """Begin to take what is published."""
        if not self._subscriptions:
            self._subscriptions = [
                topic.subscription(self._node, partial(self._take, kind)) for kind, topic in self._topics.items()
            ]

    def unsubscribe(self) -> None:
        """Take nothing more, so that perception does not make it, and forget what has come."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []
        self._gaze = None

    def describe(self) -> str:
        """Return what is waited for, and who publishes it."""
        names = (self._topics[kind].name for kind in _OF_AN_IMAGE)
        return '; '.join(f'{name} ({describe_publishers(self._node, name)})' for name in names)

    def findings(self) -> list[Finding]:
        """Return what is wrong with what is published on the topics."""
        remedy = 'name the node perception of this eye in its parameter'
        return [
            found
            for topic in self._topics.values()
            for found in find_wrong_type(self._node, topic.name, topic.message_class, remedy)
        ]

    def close(self) -> None:
        """Unsubscribe from everything."""
        self.unsubscribe()
        self._node.destroy_subscription(self._colors)

    def _whole(self, topic: Topic[Any], perception: str) -> Topic[Any]:
        return topic.of(perception=perception.rstrip('/')).resolved(self._node)

    def _take_colors(self, message: msg.LabelInfo) -> None:
        self.palette = read_palette(message)

    def _take(self, kind: str, message: Any) -> None:
        try:
            stamp = stamp_to_ns(message.header.stamp)
        except StampError as error:
            self._on_error(f'{self._topics[kind].name}: {error}')
            return
        if kind == 'gaze':
            self._gaze = message
        elif parts := self._matcher.take(kind, stamp, message):
            given = parts['labels'], parts['detections'], parts.get('scanpath')
            self._on_image(PerceivedImage(stamp, time.monotonic(), *given, self._gaze))
