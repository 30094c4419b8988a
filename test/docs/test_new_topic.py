"""docs/extend/new_topic.md, to the letter, on a copy of the repository: three files change, and the topic is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from geometry_msgs.msg import PointStamped
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from support.pages import blocks
from support.paths import ROOT
from support.ros_probe import Probe, stamp
from support.ros_processes import NodeProcess
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.msg import DetectionArray
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.images import fill_image

PAGE = ROOT / 'docs' / 'extend' / 'new_topic.md'
NEEDED = ('mt3dnet_ros', 'config', 'docs', 'scripts', 'package.xml')


def contents(folder: Path) -> dict[Path, bytes]:
    paths = [path for name in NEEDED for path in [folder / name, *(folder / name).rglob('*')]]
    return {path.relative_to(folder): path.read_bytes() for path in paths if path.is_file() and path.suffix != '.pyc'}


def environment_of(copy: Path) -> dict[str, str]:
    return os.environ | {'PYTHONPATH': os.pathsep.join([str(copy), os.environ.get('PYTHONPATH', '')])}


@pytest.fixture(scope='module')
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository in which the page was followed."""
    copy = tmp_path_factory.mktemp('copy')
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns('__pycache__', 'images', 'demo'))
        else:
            shutil.copy(ROOT / name, copy / name)
    (change,) = blocks(PAGE, 'diff')
    subprocess.run(['git', 'apply', '-'], input=change.text.encode(), cwd=copy, check=True)
    commands, _ = blocks(PAGE, 'bash')
    subprocess.run(['bash', '-euc', commands.text], cwd=copy, env=environment_of(copy), check=True)
    return copy


def test_three_files_change(copy: Path) -> None:
    before = contents(ROOT)
    changed = [str(path) for path, content in contents(copy).items() if before[path] != content]
    assert len(changed) <= 3, changed
    assert 'mt3dnet_ros/ros/topics/perception.py' in changed
    assert all(b'nearest_tip' in (copy / path).read_bytes() for path in changed)


@pytest.fixture
def probe(copy: Path, tmp_path: Path, start_node: Callable[..., NodeProcess]) -> Iterator[Probe]:
    """Return the end of the graph beside a node of the copy, started with the copy's parameter file."""
    parameters = {
        'checkpoint': str(save_small_checkpoint(tmp_path / 'small.safetensors')),
        'device': 'cpu',
        'threads': 1,
        'score_threshold': 0.05,
    }
    process = start_node(
        str(copy / 'scripts' / 'perception'), parameters, log=tmp_path / 'log', environment=environment_of(copy)
    )
    process.wait_for_output('active on cpu', timeout=120.0)
    probe = Probe('/perception')
    yield probe
    probe.close()


def test_a_running_node_publishes_the_topic(probe: Probe) -> None:
    tips = probe.collect(PointStamped, '/perception/nearest_tip')
    detections = probe.collect(DetectionArray, '/perception/detections')
    images, infos = probe.publisher(Image, 'image'), probe.publisher(CameraInfo, 'camera_info')
    image = fill_image(tissue(96, 128), 'rgb8', Header())
    for _ in range(100):
        stamp(image, probe, 'scope')
        infos.publish(info_from_camera(Camera(128, 96, 140.0, 140.0, 61.0, 50.0), image.header))
        images.publish(image)
        probe.spin(0.1)
        if tips and detections and detections[-1].header == tips[-1].header:
            break
    found = tips[-1].point
    tips_seen = [detection.tip for detection in detections[-1].detections if detection.tip.z > 0.0]
    nearest = min(tips_seen, key=lambda tip: tip.z)
    assert (found.x, found.y, found.z) == (nearest.x, nearest.y, nearest.z)
    assert tips[-1].header.frame_id == 'scope'
    values = probe.status_where(lambda _, values: 'nearest_tip' in values['outputs subscribed'])
    assert values['device'] == 'cpu'
