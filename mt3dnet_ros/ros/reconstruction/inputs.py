"""What belongs to one image: the image itself, and what perception says of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from mt3dnet_ros import msg
from mt3dnet_ros.perception.console.matching import StampMatcher
from mt3dnet_ros.ros.diagnostics import Finding
from mt3dnet_ros.ros.graph import find_wrong_type
from mt3dnet_ros.ros.image_subscription import ImageSubscription
from mt3dnet_ros.ros.messages.headers import StampError, stamp_to_ns
from mt3dnet_ros.ros.parameters.reconstruction import ReconstructionParameters
from mt3dnet_ros.ros.qos import describe_publishers
from mt3dnet_ros.ros.topics.reconstruction import OPTIONAL, REQUIRED
from mt3dnet_ros.ros.topics.topic import Topic

_IMAGE = 'image'
_KEPT = 24  # images that wait for perception: at 60 a second those of 0.4 s
_WAITING = 8  # images that wait while the interpreter is busy: perception may have chosen any of them
_SILENT = 2.0  # seconds after which something that came once does not come any more


@dataclass(frozen=True)
class ImageMessages:
    """The messages of one image.

    :param stamp: nanoseconds
    :param image: an Image, or a CompressedImage
    """

    stamp: int
    image: Any
    depth: Image
    labels: Image
    camera_info: CameraInfo
    detections: msg.DetectionArray | None
    scale: msg.DepthScale | None


class ReconstructionInputs:
    """Subscribes to an image and to what perception says of it, until it is closed.

    :param on_image: called with what belongs to one image
    :param on_error: called with the reason why a message cannot be used
    """

    def __init__(
        self,
        node: Node,
        parameters: ReconstructionParameters,
        on_image: Callable[[ImageMessages], None],
        on_error: Callable[[str], None],
    ) -> None:
        self._node, self._on_image, self._on_error = node, on_image, on_error
        self._matcher = StampMatcher((_IMAGE, *REQUIRED), tuple(OPTIONAL), _KEPT)
        self._came: dict[str, float] = {}  # when something came last, by kind
        perception = parameters.perception_ns.rstrip('/')
        self._topics: dict[str, Topic[Any]] = {
            kind: topic.of(perception=perception).resolved(node) for kind, topic in (REQUIRED | OPTIONAL).items()
        }
        take = partial(self._take, _IMAGE)
        transport, reliability = parameters.image_transport, parameters.image_qos
        self.images = ImageSubscription(node, transport, reliability, take, depth=_WAITING)
        self._subscriptions = [
            topic.subscription(node, partial(self._take, kind)) for kind, topic in self._topics.items()
        ]

    @property
    def unmatched(self) -> int:
        """Images of which something never came, as of those that perception has dropped."""
        return self._matcher.incomplete

    @property
    def late(self) -> int:
        """Messages that came after what is newer."""
        return self._matcher.late

    def follow_publishers(self) -> None:
        """Ask for what the publishers of now offer; to be called regularly."""
        self.images.follow_publishers()

    def missing(self) -> str:
        """Return what does not come, in words; empty where everything does, but nothing of one image."""
        absent = [kind for kind in (_IMAGE, *REQUIRED) if time.monotonic() - self._came.get(kind, -_SILENT) >= _SILENT]
        if absent == ['camera_info'] and self._came:
            return f'no {self._topics["camera_info"].name}: the camera is not calibrated, and its depth without scale'
        return '; '.join(self.images.describe() if kind == _IMAGE else self._describe(kind) for kind in absent)

    def findings(self) -> list[Finding]:
        """Return what is wrong with what is published on the topics."""
        remedy = 'set perception_ns to a node perception'
        topics = self._topics.values()
        wrong = [
            found for each in topics for found in find_wrong_type(self._node, each.name, each.message_class, remedy)
        ]
        return [*self.images.findings(), *wrong]

    def close(self) -> None:
        """Unsubscribe."""
        self.images.close()
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _describe(self, kind: str) -> str:
        name = self._topics[kind].name
        return f'{name} ({describe_publishers(self._node, name)})'

    def _take(self, kind: str, message: Any) -> None:
        self._came[kind] = time.monotonic()
        try:
            stamp = stamp_to_ns(message.header.stamp)
        except StampError as error:
            self._on_error(f'{kind}: {error}')
            return
        if not stamp:
            self._on_error(
                f'{kind}: it has no stamp, by which it would be found what belongs together; stamp the images'
            )
        elif parts := self._matcher.take(kind, stamp, message):
            optional: dict[str, Any] = {name: parts.get(name) for name in OPTIONAL}
            self._on_image(ImageMessages(stamp, parts[_IMAGE], **{name: parts[name] for name in REQUIRED}, **optional))
