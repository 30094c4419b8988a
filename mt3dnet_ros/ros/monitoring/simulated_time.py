"""The time of ``/clock``, where a node follows it."""

from __future__ import annotations

from rclpy.clock import ROSClock
from rclpy.node import Node


def simulated_time(node: Node) -> int | None:
    """Return simulated time in nanoseconds, 0 until it begins; None where a node follows the system's clock."""
    clock = node.get_clock()
    return clock.now().nanoseconds if isinstance(clock, ROSClock) and clock.ros_time_is_active else None
