"""Launch files bring the graph up, and Ctrl-C takes it down; where ROS's launch is installed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.paths import ROOT

pytest.importorskip('ros2launch', reason='ros2launch comes with a ROS installation, not from PyPI')

from sensor_msgs.msg import CameraInfo, Image
from support.ros_probe import Probe, stamp
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.ros.messages.images import fill_image

PARAMETERS = """
/**:
  ros__parameters: {{checkpoint: '{checkpoint}', device: cpu, threads: 1, autostart: {autostart}}}
"""
BOTH_EYES = ['/rig/left/perception', '/rig/right/perception', '/rig/stereo_transform']


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Return a function that launches a file of the package with arguments; what it prints is in tmp_path/log."""
    processes = []

    def launch(name: str, autostart: bool, **arguments: Any) -> subprocess.Popen:
        checkpoint = save_small_checkpoint(tmp_path / 'small.safetensors')
        parameters = tmp_path / 'parameters.yaml'
        parameters.write_text(PARAMETERS.format(checkpoint=checkpoint, autostart=str(autostart).lower()))
        given = [f'{key}:={value}' for key, value in {**arguments, 'params_file': parameters}.items()]
        processes.append(
            subprocess.Popen(
                ['ros2', 'launch', str(ROOT / 'launch' / name), *given],
                stdin=subprocess.DEVNULL,
                stdout=(tmp_path / 'log').open('wb'),
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )
        return processes[-1]

    yield launch
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def probe() -> Iterator[Probe]:
    probe = Probe('/rig/left/perception')
    yield probe
    probe.close()


def interrupt(process: subprocess.Popen) -> int:
    """Press Ctrl-C in the terminal of a launch; return its exit status."""
    os.killpg(process.pid, signal.SIGINT)
    return process.wait(30.0)


def names(probe: Probe) -> list[str]:
    found = probe.node.get_node_names_and_namespaces()
    return sorted(f'{space.rstrip("/")}/{name}' for name, space in found if name != 'probe')


def test_a_rig_without_calibration_gets_one_from_its_file(
    launch: Callable[..., subprocess.Popen], probe: Probe, tmp_path: Path
) -> None:
    process = launch('dvrk.launch.xml', True, rig='rig', calibration=ROOT / 'config/demo/camera.yaml')
    received = probe.collect(CameraInfo, '/rig/left/perception/depth/camera_info', 1)
    images = probe.node.create_publisher(Image, '/rig/left/image_raw', 1)
    deadline = time.monotonic() + 120.0
    while not received and time.monotonic() < deadline:
        image = fill_image(tissue(512, 640), 'rgb8', Image().header)
        stamp(image, probe, '/rig/left_frame')
        images.publish(image)
        probe.spin(0.2)
    log = tmp_path / 'log'
    assert received, log.read_text()
    assert received[0].header.frame_id == 'rig/left_frame'
    assert names(probe) == ['/rig/left/camera_info_source', '/rig/left/perception']
    status = interrupt(process)
    assert (status, 'Traceback' in log.read_text()) == (0, False), log.read_text()


def test_both_eyes_have_a_node(launch: Callable[..., subprocess.Popen], probe: Probe) -> None:
    process = launch('stereo.launch.xml', False, namespace='/rig')
    probe.spin_until(lambda: names(probe) == BOTH_EYES, timeout=60.0)
    topics = dict(probe.node.get_topic_names_and_types())
    assert '/diagnostics' in topics
    assert interrupt(process) == 0
