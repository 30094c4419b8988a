"""What is logged of what a node finds."""

from __future__ import annotations

from types import SimpleNamespace as Fields
from typing import Any

import pytest
import rclpy

from mt3dnet_ros.ros.diagnostics import OK, WARN, Finding
from mt3dnet_ros.ros.reporter import Reporter


class Logger:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def warning(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def said() -> Any:
    """Return a reporter and the lines that it logs."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node, logger = rclpy.create_node('reporter', context=context), Logger()
    node.get_logger = lambda: logger
    yield Fields(report=Reporter(node), lines=logger.lines)
    node.destroy_node()
    context.try_shutdown()


def test_a_warning_is_logged_whenever_it_comes_up(said: Any) -> None:
    for findings in ([Finding('a', WARN, 'one')], [Finding('a', WARN, 'two')], [Finding('a', OK, '')], []):
        said.report(findings, {})
    said.report([Finding('a', WARN, 'three')], {})
    assert said.lines == ['one', 'three']


def test_what_comes_and_goes_by_itself_is_logged_once(said: Any) -> None:
    for findings in ([Finding('a', WARN, 'one', once=True)], [], [Finding('a', WARN, 'two', once=True)], []):
        said.report(findings, {})
    assert said.lines == ['one']
