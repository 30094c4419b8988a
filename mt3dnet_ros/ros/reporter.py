"""Telling what a node finds: diagnostics for programs, the log for people."""

from __future__ import annotations

from collections.abc import Mapping

from rclpy.node import Node

from mt3dnet_ros.ros.diagnostics import WARN, Finding, fill_diagnostics
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS


class Reporter:
    """Publishes a node's diagnostics, and logs each kind of warning when it comes up."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publisher = DIAGNOSTICS.publisher(node)
        self._warnings: set[str] = set()  # kinds of the last report

    def __call__(self, findings: list[Finding], values: Mapping[str, str], hardware_id: str = '') -> None:
        """Report the state of now.

        :param values: figures by name
        :param hardware_id: the device that is used
        """
        before, self._warnings = self._warnings, {found.kind for found in findings if found.level == WARN}
        for found in findings:
            if found.kind in self._warnings - before:
                self._node.get_logger().warning(found.text)
        header = make_header(self._node.get_clock().now().nanoseconds, '')
        name = self._node.get_fully_qualified_name()
        self._publisher.publish(fill_diagnostics(name, header, findings, values, hardware_id))
