"""What runs the network of the node: without PyTorch as it comes, and what happens where a back end fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sensor_msgs.msg import Image
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
# The node with an OpenVINO that fails at the fifth frame; what stands in fails, or not.
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
failing(openvino.OpenVINOBackEnd, 4)
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


def send(probe: Probe, number: int) -> list[Image]:
    """Send images until so many labels have come, or for a while."""
    publisher, received = probe.publisher(Image, 'image'), probe.collect(Image, LABELS, 1)
    for _ in range(150):
        message = fill_image(tissue(96, 128), 'rgb8', Image().header)
        stamp(message, probe)
        publisher.publish(message)
        probe.spin(0.1)
        if len(received) >= number:
            break
    return received


def test_the_node_as_it_comes_runs_without_pytorch(start: Callable[..., NodeProcess], probe: Probe) -> None:
    process = start(WITHOUT_PYTORCH)
    process.wait_for_output('active on cpu', timeout=60.0)
    received = send(probe, 3)
    assert len(received) >= 3 and np.frombuffer(received[0].data, np.uint8).size == 96 * 128
    _, values = probe.status()
    assert (values['back end'], values['back end failures'], values['device']) == ('openvino', '0', 'cpu')
    _, output = process.stop()
    assert 'imported []' in output


def test_pytorch_that_is_asked_for_and_not_installed_is_named(start: Callable[..., NodeProcess]) -> None:
    process = start(WITHOUT_PYTORCH, back_end='torch')
    process.wait_for_output("pip install 'mt3dnet_ros[torch]'", timeout=60.0)


def test_another_back_end_stands_in_for_one_that_fails(start: Callable[..., NodeProcess], probe: Probe) -> None:
    process = start(FAILING.format(both=False))
    process.wait_for_output('active on cpu', timeout=60.0)
    assert len(send(probe, 12)) >= 12
    values = probe.status_where(lambda status, _: "'openvino' failed while it ran" in status.message)
    assert (values['back end'], values['back end failures']) == ('torch', '1')
    process.wait_for_output("the device is lost; 'torch' on cpu runs the network instead")
    assert probe.state() == 'active'


def test_the_node_rests_and_says_why_where_nothing_runs_the_network(
    start: Callable[..., NodeProcess], probe: Probe
) -> None:
    process = start(FAILING.format(both=True))
    process.wait_for_output('active on cpu', timeout=60.0)
    send(probe, 1000)
    process.wait_for_output("not active any more: back end 'torch' failed while it ran: the device is lost")
    assert probe.state() == 'inactive'
    status, values = probe.status()
    assert status.level == status.ERROR and 'inactive: back end' in status.message
    assert values['back end failures'] != '0'
    assert probe.transition('cleanup') and not probe.transition('configure')
    assert 'not configured: back end' in probe.status()[0].message
