"""What node tests share: a node in the test's own process, and waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from support.ros_processes import NodeProcess


class Listener:
    """A node that collects messages and spins only while the test waits."""

    def __init__(self) -> None:
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node: Node = rclpy.create_node('listener', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)

    def collect(self, message_class: Any, topic: str, profile: QoSProfile | int = 1000) -> list[Any]:
        """Return a list to which every message of a topic is added."""
        messages: list[Any] = []
        self.node.create_subscription(message_class, topic, messages.append, profile)
        return messages

    def spin_until(self, condition: Callable[[], bool], timeout: float = 20.0) -> None:
        """Spin until the condition holds; fail where it does not in time."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f'not within {timeout} s'
            self._executor.spin_once(timeout_sec=0.02)

    def spin_for(self, seconds: float) -> None:
        """Spin for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=0.02)

    def close(self) -> None:
        """End the node."""
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)


@contextmanager
def listening() -> Iterator[Listener]:
    """Give a listener for the length of a test."""
    listener = Listener()
    try:
        yield listener
    finally:
        listener.close()


def wait_for_end(process: NodeProcess, timeout: float = 20.0) -> tuple[int, str]:
    """Wait until a process ends by itself; return its status and what it printed."""
    deadline = time.monotonic() + timeout
    while process.running:
        assert time.monotonic() < deadline, f'still running after {timeout} s:\n{process.output()}'
        time.sleep(0.02)
    return process.stop()
