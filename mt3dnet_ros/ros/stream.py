"""The stream of images: its subscriptions and the thread that works on the newest one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from mt3dnet_ros.ros.health import HealthMonitor
from mt3dnet_ros.ros.image_subscription import ImageSubscription
from mt3dnet_ros.ros.latest import LatestWorker
from mt3dnet_ros.ros.latest_camera import LatestCamera
from mt3dnet_ros.ros.topics.perception import CAMERA_INFO


class Stream:
    """Subscribes to images and CameraInfo and hands the newest image to a thread, until it is closed.

    :param transport: ``raw`` or ``compressed``
    :param reliability: ``auto``, ``reliable`` or ``best_effort``
    :param work: called with every image that was not replaced by a later one
    :param on_error: called with what ``work`` raises
    """

    def __init__(
        self,
        node: Node,
        transport: str,
        reliability: str,
        camera: LatestCamera,
        health: HealthMonitor,
        work: Callable[[Any], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._node = node
        self._health = health
        self._worker = LatestWorker(work, on_error)
        self._info = CAMERA_INFO.subscription(node, camera.update)
        self.images = ImageSubscription(node, transport, reliability, self._receive)
        health.restart_silence()

    def _receive(self, message: Any) -> None:
        self._health.received(replaced=self._worker.put(message))

    def close(self, timeout: float) -> bool:
        """Unsubscribe and end the thread; False where it still works after ``timeout`` seconds."""
        self.images.close()
        self._node.destroy_subscription(self._info)
        return self._worker.stop(timeout)
