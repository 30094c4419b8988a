"""The subscription to the dead-man switch where the middleware tells who lives."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

import rclpy
from rclpy.node import Node

from mt3dnet_ros.guidance.signs_of_life.dead_man import LIVELINESS, DeadManSwitch
from mt3dnet_ros.ros.guidance.dead_man import DeadManSubscription
from mt3dnet_ros.ros.parameters.guidance import CameraGuidanceParameters


@pytest.fixture
def node() -> Iterator[Node]:
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('guidance', context=context)
    yield node
    node.destroy_node()
    context.try_shutdown()


def counted(alive: int, dead: int, alive_change: int, dead_change: int) -> SimpleNamespace:
    return SimpleNamespace(
        alive_count=alive, not_alive_count=dead, alive_count_change=alive_change, not_alive_count_change=dead_change
    )


@pytest.mark.parametrize(
    ('event', 'anew'),
    [
        (counted(0, 0, -1, 0), True),  # one has gone that was dead before: one that lives is missing in the count
        (counted(0, 1, -1, 1), False),  # one has died
        (counted(1, 0, 0, -1), False),  # that one has gone
        (counted(1, 0, 1, -1), False),  # or lives again
    ],
)
def test_those_that_live_are_counted_anew_where_the_count_is_wrong(
    node: Node, event: SimpleNamespace, anew: bool
) -> None:
    switch = DeadManSwitch(LIVELINESS, 0.08)
    parameters = CameraGuidanceParameters(dead_man_heartbeat=LIVELINESS)
    subscription = DeadManSubscription(node, switch, parameters, pytest.fail)
    before = list(node.subscriptions)
    subscription._note_liveliness(counted(1, 0, 1, 0))
    subscription._note_liveliness(event)
    subscription.follow_publishers()
    assert (list(node.subscriptions) != before) == anew
    subscription.close()
