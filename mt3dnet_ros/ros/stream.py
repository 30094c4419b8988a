"""The stream of images: its subscriptions and the thread that works on the newest one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from mt3dnet_ros.ros.camera_info_subscription import CameraInfoSubscription
from mt3dnet_ros.ros.diagnostics import Finding
from mt3dnet_ros.ros.health import HealthMonitor
from mt3dnet_ros.ros.image_subscription import ImageSubscription
from mt3dnet_ros.ros.latest import LatestWorker
from mt3dnet_ros.ros.latest_camera import LatestCamera


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
        self._health = health
        self._worker = LatestWorker(work, on_error, health.dropped)
        self.infos = CameraInfoSubscription(node, camera.update)
        self.images = ImageSubscription(node, transport, reliability, self._receive)
        health.restart_silence()

    def _receive(self, message: Any) -> None:
        self._health.received()
        self._worker.put(message)

    def follow_publishers(self) -> None:
        """Ask for what the publishers of now offer; to be called regularly."""
        self.images.follow_publishers()
        self.infos.follow_publishers()

    def findings(self) -> list[Finding]:
        """Return what is wrong with what is published on the topics."""
        return [*self.images.findings(), *self.infos.findings()]

    def close(self, timeout: float) -> bool:
        """Unsubscribe and end the thread; False where it still works after ``timeout`` seconds."""
        self.images.close()
        self.infos.close()
        return self._worker.stop(timeout)
