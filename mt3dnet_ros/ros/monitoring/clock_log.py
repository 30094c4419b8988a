"""Saying that simulated time stands still, in nodes that have no diagnostics."""

from __future__ import annotations

from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from mt3dnet_ros.ros.monitoring.clock import ClockMonitor

_PERIOD = 1.0  # seconds
_REPEAT = 30.0  # seconds between two messages


def log_stopped_clock(node: Node) -> None:
    """Have a node log a warning while it waits for ``/clock``, or ``/clock`` stands still."""
    monitor = ClockMonitor(node.get_clock())

    def look() -> None:
        for finding in monitor.findings():
            node.get_logger().warning(finding.text, throttle_duration_sec=_REPEAT)

    node.create_timer(_PERIOD, look, clock=Clock(clock_type=ClockType.STEADY_TIME))
