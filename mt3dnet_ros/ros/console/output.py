"""Where the pictures of one eye go."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode
from std_msgs.msg import Header

from mt3dnet_ros.gstreamer.console_writer import ConsoleWriter
from mt3dnet_ros.gstreamer.shared_picture import SharedPicture
from mt3dnet_ros.gstreamer.sockets import VideoSocket
from mt3dnet_ros.ros.messages.images import bulk_image
from mt3dnet_ros.ros.sender import Sender
from mt3dnet_ros.ros.topics.console import PICTURES


class EyeOutput:
    """A topic, while somebody subscribes to it, and a video socket, where there is one; used by one thread at a time.

    :param side: ``left`` or ``right``
    :param writer: of the sockets of both eyes; None where there are none
    :param socket: of this eye; None where it has none
    :param on_failure: called with the name of a topic whose message an overloaded middleware refused
    """

    def __init__(
        self,
        node: LifecycleNode,
        side: str,
        writer: ConsoleWriter | None,
        socket: VideoSocket | None,
        on_failure: Callable[[str], None],
    ) -> None:
        self._node = node
        self._writer, self._socket = writer, socket
        self._on_failure = on_failure
        self._publisher = PICTURES[side].lifecycle_publisher(node)
        self._sender = Sender()

    @property
    def is_wanted(self) -> bool:
        """Whether somebody gets the pictures."""
        return self._socket is not None or bool(self._publisher.get_subscription_count())

    def show(self, picture: SharedPicture, header: Header, capture_age: float, left: float) -> None:
        """Show a picture.

        :param header: with the stamp of the image that it belongs to
        :param capture_age: seconds since then
        :param left: seconds for which it may be shown
        """
        if self._writer and self._socket:
            self._writer.show(self._socket, picture, capture_age, left)
        self._publish(picture, header)

    def empty(self, size: tuple[int, int], header: Header) -> None:
        """Show nothing.

        :param size: height and width of the picture
        """
        if self._writer and self._socket:
            self._writer.empty(self._socket, size)
        if self._publisher.get_subscription_count():
            self._publish(SharedPicture(size), header)

    def close(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_lifecycle_publisher(self._publisher)

    def _publish(self, picture: SharedPicture, header: Header) -> None:
        if not self._publisher.get_subscription_count():
            return
        try:
            self._sender.publish(self._publisher, bulk_image(picture.pixels, 'bgra8', header))
        except rclpy_implementation.RCLError:
            self._on_failure(self._publisher.topic_name)
