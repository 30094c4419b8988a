"""A node does not outlive the launch that started it, whatever ended that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from support.paths import ROOT

# Starts a node as launch does, prints its process id and stays.
LAUNCH = """
import os, subprocess, sys, time
os.environ['MT3DNET_ROS_LAUNCH_PID'] = str(os.getpid())
node = subprocess.Popen([sys.executable, *sys.argv[1:]], stdout=open('log', 'wb'), stderr=subprocess.STDOUT)
print(node.pid, flush=True)
time.sleep(600)
"""
NODE = [str(ROOT / 'scripts/camera_info_source'), '--ros-args', '-p', 'vertical_fov:=60.0']


def is_alive(pid: int) -> bool:
    """Return whether a process runs; what has ended and was not waited for does not."""
    stat = Path(f'/proc/{pid}/stat')
    return stat.exists() and stat.read_text().rpartition(')')[2].split()[0] != 'Z'


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.parametrize('moment', ['running', 'starting'])
def test_a_node_ends_with_its_launch(tmp_path: Path, number: signal.Signals, moment: str) -> None:
    launch = subprocess.Popen([sys.executable, '-c', LAUNCH, *NODE], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert launch.stdout is not None
    node = int(launch.stdout.readline())
    try:
        deadline = time.monotonic() + 60.0
        while moment == 'running' and 'fx =' not in (tmp_path / 'log').read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        launch.send_signal(number)
        launch.wait()
        while is_alive(node) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not is_alive(node)
        assert 'Traceback' not in (tmp_path / 'log').read_text()
    finally:
        if is_alive(node):
            os.kill(node, signal.SIGKILL)
        launch.kill()


def test_a_node_that_was_not_launched_stays() -> None:
    """Its parent may be a shell script that ends."""
    environment = {**os.environ, 'MT3DNET_ROS_LAUNCH_PID': str(os.getppid())}  # of a launch that runs, somewhere above
    node = subprocess.Popen([sys.executable, *NODE], env=environment, stderr=subprocess.PIPE, text=True)
    assert node.stderr is not None
    try:
        assert 'fx =' in node.stderr.readline()
        assert node.poll() is None
    finally:
        node.send_signal(signal.SIGINT)
        assert node.wait(30.0) == 0
