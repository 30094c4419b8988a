"""The demo's own node: it sees who is there and how far the others are."""

from __future__ import annotations

import time
from collections.abc import Callable

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.demo.processes import NodeError
from mt3dnet_ros.demo.topics import CAMERA_INFO, DETECTIONS, DIAGNOSTICS, IMAGE, NODE
from mt3dnet_ros.msg import DetectionArray

_DISCOVERY = 1.0  # s until nodes that run already are seen


class Watcher:
    """Counts frames and results, and waits for states of the graph; a context manager."""

    def __init__(self) -> None:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)  # Ctrl-C stays Python's
        self._node = rclpy.create_node('demo')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._node.create_subscription(CameraInfo, CAMERA_INFO, self._count_frame, 100)
        self._node.create_subscription(DetectionArray, DETECTIONS, self._count_result, 100)
        self._node.create_subscription(DiagnosticArray, DIAGNOSTICS, self._read_diagnostics, 10)
        self.frames = 0
        self.results = 0
        self.reports = 0
        self._last_result = 0.0

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.try_shutdown()

    def _count_frame(self, _: CameraInfo) -> None:
        self.frames += 1

    def _count_result(self, _: DetectionArray) -> None:
        self.results += 1
        self._last_result = time.monotonic()

    def _read_diagnostics(self, array: DiagnosticArray) -> None:
        for status in array.status:
            if status.name == NODE:
                self.reports += 1
                if status.level == DiagnosticStatus.ERROR:
                    raise NodeError(f'perception: {status.message}')

    def spin(self, seconds: float) -> None:
        """Let messages come."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)

    def spin_until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Let messages come until the condition holds; return whether it does."""
        deadline = time.monotonic() + timeout
        while not (holds := condition()) and time.monotonic() < deadline:
            self.spin(0.05)
        return holds

    def check_no_other_demo(self) -> None:
        """Refuse to run beside another demo.

        :raises NodeError: another node publishes the demo's topics
        """
        self.spin(_DISCOVERY)
        for topic in (IMAGE, DETECTIONS):
            if others := self._node.get_publishers_info_by_topic(topic):
                domain = self._node.context.get_domain_id()
                raise NodeError(
                    f"node '{others[0].node_name}' publishes {topic} already; end it or set another "
                    f'ROS_DOMAIN_ID than {domain}'
                )

    def subscribers(self, topic: str) -> int:
        """Return how many subscribe to a topic."""
        return self._node.count_subscribers(topic)

    def idle(self, seconds: float) -> bool:
        """Return whether there was no result for a while."""
        return time.monotonic() - self._last_result > seconds
