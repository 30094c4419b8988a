"""Processes that take every output of the node, and do nothing with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import rclpy

from mt3dnet_ros.demo.processes import NodeError
from mt3dnet_ros.ros.qos import OUTPUT
from mt3dnet_ros.ros.topics.perception import BY_KEY
from speed.child import end_child, start_child
from speed.node_under_load import EVERY_OUTPUT, NODE, NodeUnderLoad

_TIMEOUT = 90.0  # seconds until all have subscribed


@contextmanager
def subscribers(node: NodeUnderLoad, number: int) -> Iterator[None]:
    """Have so many processes subscribe to all outputs, besides the one that measures.

    :raises NodeError: they do not in time
    """
    topic = EVERY_OUTPUT[-1]
    wanted = node.count_subscribers(topic) + number
    processes = [start_child(_subscribe) for _ in range(number)]
    try:
        if not node.spin_until(lambda: node.count_subscribers(topic) >= wanted, _TIMEOUT):
            raise NodeError(f'{number} subscribers do not start within {_TIMEOUT:.0f} s')
        yield
    finally:
        for process in processes:
            end_child(process)


def _subscribe() -> None:
    rclpy.init(args=[], signal_handler_options=rclpy.SignalHandlerOptions.NO)
    node = rclpy.create_node('subscriber')
    for key in EVERY_OUTPUT:
        output = BY_KEY[key]
        node.create_subscription(output.message_class, output.below(NODE), lambda _: None, OUTPUT, raw=True)
    rclpy.spin(node)
