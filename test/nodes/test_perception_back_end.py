"""What runs the network of the node: without PyTorch as it comes, and what happens where a back end fails."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sensor_msgs.msg import Image
from support.faults import often
from support.paths import ROOT
from support.ros_probe import Probe, stamp
from support.ros_processes import NodeProcess
from support.small_network import tissue

from mt3dnet_ros.ros.messages.images import fill_image

pytest.importorskip('openvino', reason='openvino is not installed')

LABELS = '/perception/segmentation/labels'
# The node as its script runs it, without PyTorch to be had; it says at its end which of these modules it has imported.
WITHOUT_PYTORCH = """
import atexit, sys
sys.modules['torch'] = None
SLOW = ('torch', 'scipy', 'lightning', 'matplotlib', 'onnx', 'onnxruntime', 'open3d')
atexit.register(lambda: print('imported', [name for name in SLOW if sys.modules.get(name)], flush=True))
"""
# The node with an OpenVINO that fails at one of its frames; what stands in fails, or not.
FAILING = """
import itertools, sys
from mt3dnet_ros.perception.back_ends import openvino, pytorch
def failing(back_end, first):
    run, frames = back_end.__call__, itertools.count()
    def call(self, images, state=None):
        if next(frames) >= first:
            raise RuntimeError('the device is lost')
        return run(self, images, state)
    back_end.__call__ = call
failing(openvino.OpenVINOBackEnd, {first})
if {both}:
    failing(pytorch.TorchBackEnd, 3)
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., NodeProcess]]:
    """Return a function that starts the node with something before its first line."""
    processes = []

    def start(before: str, **parameters: object) -> NodeProcess:
        script = tmp_path / 'perception'
        script.write_text(before + (ROOT / 'scripts/perception').read_text())
        processes.append(NodeProcess(str(script), {'device': 'cpu', **parameters}, log=tmp_path / 'log'))
        return processes[-1]

    yield start
    for process in processes:
        process.stop()


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe('/perception')
    yield probe
    probe.close()


def send(probe: Probe, enough: Callable[[], bool]) -> None:
    """Send images until it is enough, or for a minute or two."""
    publisher, deadline = probe.publisher(Image, 'image'), time.monotonic() + 120.0
    while not enough() and time.monotonic() < deadline:
        message = fill_image(tissue(96, 128), 'rgb8', Image().header)
        stamp(message, probe)
        publisher.publish(message)
        probe.spin(0.1)


class Labels:
    """The labels that come, and the longest time without any between two."""

    def __init__(self, probe: Probe) -> None:
        self.came: list[Image] = []
        self.longest_gap, self._last = 0.0, time.monotonic()
        probe.node.create_subscription(Image, LABELS, self._take, 1)

    def _take(self, message: Image) -> None:
        now = time.monotonic()
        if self.came:
            self.longest_gap = max(self.longest_gap, now - self._last)
        self._last = now
        self.came.append(message)

    def are(self, number: int) -> bool:
        """Return whether so many have come."""
        return len(self.came) >= number


def test_the_node_as_it_comes_runs_without_pytorch(start: Callable[..., NodeProcess], probe: Probe) -> None:
    process = start(WITHOUT_PYTORCH)
    process.wait_for_output('active on cpu', timeout=60.0)
    labels = Labels(probe)
    send(probe, lambda: labels.are(3))
    assert labels.are(3) and np.frombuffer(labels.came[0].data, np.uint8).size == 96 * 128
    _, values = probe.status()
    assert (values['back end'], values['back end failures'], values['device']) == ('openvino', '0', 'cpu')
    _, output = process.stop()
    assert 'imported []' in output


def test_pytorch_that_is_asked_for_and_not_installed_is_named(start: Callable[..., NodeProcess]) -> None:
    process = start(WITHOUT_PYTORCH, back_end='torch')
    process.wait_for_output("pip install 'mt3dnet_ros[torch]'", timeout=60.0)


@often
def test_another_back_end_stands_in_for_one_that_fails(
    start: Callable[..., NodeProcess], probe: Probe, chance: random.Random, recovered: Callable[[float], None]
) -> None:
    first = chance.randint(1, 5)
    process = start(FAILING.format(first=first, both=False))
    process.wait_for_output('active on cpu', timeout=60.0)
    labels = Labels(probe)
    send(probe, lambda: labels.are(first + 3))
    assert labels.are(first + 3)
    values = probe.status_where(lambda status, _: "'openvino' failed while it ran" in status.message)
    assert (values['back end'], values['back end failures']) == ('torch', '1')
    process.wait_for_output("the device is lost; 'torch' on cpu runs the network instead")
    assert probe.state() == 'active'
    recovered(labels.longest_gap)


@often
def test_the_node_rests_and_says_why_where_nothing_runs_the_network(
    start: Callable[..., NodeProcess], probe: Probe, chance: random.Random
) -> None:
    process = start(FAILING.format(first=chance.randint(1, 5), both=True))
    process.wait_for_output('active on cpu', timeout=60.0)
    Labels(probe)
    send(probe, lambda: 'not active any more' in process.output())
    process.wait_for_output("not active any more: back end 'torch' failed while it ran: the device is lost")
    assert probe.state() == 'inactive'
    status, values = probe.status()
    assert status.level == status.ERROR and 'inactive: back end' in status.message
    assert values['back end failures'] != '0'
    assert probe.transition('cleanup') and not probe.transition('configure')
    assert 'not configured: back end' in probe.status()[0].message
