"""A patient executor takes what has gathered, all of it and in order, and wakes up for what it must."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import rclpy
from rclpy.node import Node
from rclpy.qos import QoSProfile
from std_msgs.msg import Int32

from mt3dnet_ros.ros.process.patient_executor import PatientExecutor

TOPICS, COUNT, PATIENCE = 6, 40, 0.02


@pytest.fixture
def node() -> Iterator[Node]:
    rclpy.init()
    yield rclpy.create_node('patient')
    rclpy.try_shutdown()


def spin(executor: PatientExecutor, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        executor.spin_once(timeout_sec=0.1)


def test_all_messages_of_all_topics_come_in_order_however_fast_they_are(node: Node) -> None:
    received: list[list[int]] = [[] for _ in range(TOPICS)]
    publishers = []
    for topic, found in enumerate(received):
        node.create_subscription(
            Int32, f'topic{topic}', lambda message, found=found: found.append(message.data), QoSProfile(depth=COUNT)
        )
        publishers.append(node.create_publisher(Int32, f'topic{topic}', QoSProfile(depth=COUNT)))
    executor = PatientExecutor(PATIENCE)
    executor.add_node(node)
    spin(executor, 0.5)
    for number in range(COUNT):  # at once: one taken per wait would need COUNT times the patience
        for publisher in publishers:
            publisher.publish(Int32(data=number))
    start = time.monotonic()
    while sum(map(len, received)) < TOPICS * COUNT and time.monotonic() < start + 10.0:
        executor.spin_once(timeout_sec=0.1)
    assert received == [list(range(COUNT))] * TOPICS
    executor.shutdown()


def test_it_wakes_up_for_what_comes_while_it_waits(node: Node) -> None:
    calls: list[float] = []
    guard = node.create_guard_condition(lambda: calls.append(time.monotonic()))
    executor = PatientExecutor(PATIENCE)
    executor.add_node(node)
    triggered = []

    def trigger() -> None:
        time.sleep(0.3)
        triggered.append(time.monotonic())
        guard.trigger()

    thread = threading.Thread(target=trigger)
    thread.start()
    deadline = time.monotonic() + 10.0
    while not calls and time.monotonic() < deadline:
        executor.spin_once()
    thread.join()
    assert calls and calls[0] - triggered[0] < 2.0  # on a machine of which tests take all
    executor.shutdown()


def test_what_a_callback_raises_comes_out(node: Node) -> None:
    def fail() -> None:
        raise LookupError('as a full disk')

    node.create_timer(0.01, fail)
    executor = PatientExecutor(PATIENCE)
    executor.add_node(node)
    with pytest.raises(LookupError, match='full disk'):
        spin(executor, 10.0)
    executor.shutdown()
