"""Telling what a node finds: diagnostics for programs, the log for people."""

from __future__ import annotations

from collections.abc import Mapping

from rclpy.node import Node

from mt3dnet_ros.ros.diagnostics import ERROR, OK, Finding, fill_diagnostics
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.monitoring.restarts import publish_diagnostics
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS


class Reporter:
    """Publishes a node's diagnostics, and logs each kind of warning and error when it comes up."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publisher = DIAGNOSTICS.publisher(node)
        self._kinds: set[str] = set()  # of the last report's warnings and errors
        self._said: set[str] = set()  # kinds that the log has had, and is not to have again

    def __call__(self, findings: list[Finding], values: Mapping[str, str], hardware_id: str = '') -> None:
        """Report the state of now.

        :param values: figures by name
        :param hardware_id: the device that is used
        """
        before, self._kinds = self._kinds, {found.kind for found in findings if found.level != OK}
        for found in findings:
            if found.kind in self._kinds - before - self._said and not found.logged:
                self._log(found)
                self._said |= {found.kind} if found.once else set()
        header = make_header(self._node.get_clock().now().nanoseconds, '')
        name = self._node.get_fully_qualified_name()
        publish_diagnostics(self._publisher, fill_diagnostics(name, header, findings, values, hardware_id))

    def _log(self, found: Finding) -> None:
        logger = self._node.get_logger()
        if found.level == ERROR:
            logger.error(found.text)
        else:
            logger.warning(found.text)
