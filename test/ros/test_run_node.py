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
