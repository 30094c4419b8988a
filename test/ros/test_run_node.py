"""The life of a node's process."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

# Prints what its closing takes part in: a process that is given up ends with status 0 too, but without it.
IDLE = """
from rclpy.node import Node
from mt3dnet_ros.ros.run import run_node

class Idle(Node):
    def __init__(self):
        super().__init__('idle')
        print('runs', flush=True)

    def destroy_node(self):
        print('closes', flush=True)
        super().destroy_node()

run_node(Idle)
"""


def test_a_node_that_has_nothing_to_do_ends_at_once() -> None:
    """It has no timer, which would wake its executor."""
    node = subprocess.Popen([sys.executable, '-c', IDLE], stdout=subprocess.PIPE, text=True)
    assert node.stdout is not None
    assert node.stdout.readline() == 'runs\n'
    time.sleep(0.5)
    node.send_signal(signal.SIGINT)
    output, _ = node.communicate(timeout=30.0)
    assert (node.returncode, output) == (0, 'closes\n')


LOSING = """
import rclpy
from rclpy.node import Node
from mt3dnet_ros.ros.run import run_node

class Losing(Node):
    def __init__(self):
        super().__init__('losing')
        self.calls = 0
        self.create_timer(0.001, self.call)

    def call(self):
        self.calls += 1
        if self.calls < {losses}:
            raise {error}('it cannot be taken')
        rclpy.try_shutdown()

run_node(Losing, on_loss=lambda node, reason: print(reason, flush=True))
"""


@pytest.mark.parametrize('error', ['RuntimeError', 'MemoryError'])
def test_a_message_that_cannot_be_taken_is_counted_and_does_not_end_a_node(error: str) -> None:
    script = LOSING.format(losses=4, error=error)
    node = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, timeout=60.0, check=False)
    assert node.returncode == 0, node.stderr
    assert node.stdout.count(f'could not be taken ({error}: it cannot be taken)') == 3


UNTAKEN = """
import rclpy
from rclpy.node import Node
from std_msgs.msg import String
from mt3dnet_ros.ros.run import run_node

class WithoutMemory(type):
    @property
    def _CREATE_ROS_MESSAGE(cls):
        raise MemoryError('there is none')

class Message(metaclass=WithoutMemory):
    pass

class Untaken(Node):
    def __init__(self):
        super().__init__('untaken')
        self.publisher = self.create_publisher(String, '~/text', 10)
        self.subscription = self.create_subscription(String, '~/text', self.take, 10)
        self.subscription.msg_type = Message()
        self.create_timer(0.02, self.tick)

    def tick(self):
        self.publisher.publish(String(data='text'))

    def mend(self, reason):
        print(reason, flush=True)
        self.subscription.msg_type = String

    def take(self, message):
        print('taken', flush=True)
        rclpy.try_shutdown()

run_node(Untaken, on_loss=Untaken.mend)
"""


def test_after_a_message_that_cannot_be_taken_all_goes_on() -> None:
    """The executor would leave out the topic, and the timer that is in the same callback group."""
    node = subprocess.run([sys.executable, '-c', UNTAKEN], capture_output=True, text=True, timeout=60.0, check=False)
    assert node.returncode == 0, node.stderr
    assert 'could not be taken' in node.stdout and node.stdout.endswith('taken\n')


@pytest.mark.parametrize(('error', 'losses'), [('ValueError', 4), ('RuntimeError', 2_000)])
def test_a_node_that_cannot_work_ends(error: str, losses: int) -> None:
    script = LOSING.format(losses=losses, error=error)
    node = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, timeout=120.0, check=False)
    assert node.returncode == 1
    assert f'{error}: it cannot be taken' in node.stderr
