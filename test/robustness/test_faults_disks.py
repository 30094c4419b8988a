"""Disks that are full or read-only: whoever writes there says so in one line, and what was written can be read."""

from __future__ import annotations

import os
import random
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')
pytest.importorskip('torch', reason='needs PyTorch')
pytest.importorskip('rosbags', reason="needs rosbags; `pip install '.[recordings]'`")

from sensor_msgs.msg import Image
from std_msgs.msg import Header
from support.faults import often
from support.paths import ROOT
from support.rendered_shapes import write_shapes
from support.ros_listener import listening
from support.ros_processes import NodeProcess
from support.small_disk import SIZE, SmallDisk, small_disk
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.media.recordings.reader import RecordingReader
from mt3dnet_ros.ros.messages.images import fill_image

pytestmark = pytest.mark.timeout(300)
MESHES = ROOT.parent / 'shared' / 'data'
WORDS = 'no space is left on the disk|the file system is read-only|it would be larger than'


@pytest.fixture(params=['full', 'read-only'])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / 'disk', read_only=request.param == 'read-only') as disk:
        yield disk


def command(disk: SmallDisk, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, '-m', 'mt3dnet_ros', *words],
        env={**os.environ, 'PYTHONPATH': os.pathsep.join([str(ROOT), os.environ['PYTHONPATH']]), **environment},
        preexec_fn=disk.limit,
        capture_output=True,
        text=True,
        timeout=250.0,
        check=False,
    )


def assert_told(done: subprocess.CompletedProcess[str], disk: SmallDisk) -> None:
    """Assert that a command ended with one line that names what could not be written, or why."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert 'Traceback' not in done.stderr, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert str(disk.folder) in last or re.search(WORDS, last), done.stderr


@often
def test_recorder(disk: SmallDisk, start_node: Callable[..., NodeProcess], chance: random.Random) -> None:
    path = disk.folder / 'recording'
    with listening() as listener:
        publisher = listener.node.create_publisher(Image, '/noise', 1)
        process = start_node('recorder', {'topics': ['/noise'], 'output': str(path)})
        if disk.limit.__name__ == '_limit_files':
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (SIZE, SIZE))
        noise = np.frombuffer(chance.randbytes(200 * 200 * 3), np.uint8).reshape(200, 200, 3)
        while process.running:
            publisher.publish(fill_image(noise, 'rgb8', Header()))
            listener.spin_for(0.02)
        status, output = process.wait()
    assert (status, 'Traceback' in output) == (1, False), output
    assert str(path) in output
    if path.exists():
        with RecordingReader(path) as recording:
            for message in recording.messages():
                assert recording.decode(message).width == 200


@often
def test_predict(disk: SmallDisk, tmp_path: Path, chance: random.Random) -> None:
    checkpoint = save_small_checkpoint(tmp_path / 'small.safetensors')
    folder = tmp_path / 'pictures'
    folder.mkdir()
    for number in range(4):
        cv2.imwrite(str(folder / f'{number}.png'), tissue(480, 640, chance.randrange(1_000)))
    words = ('--checkpoint', str(checkpoint), '--back-end', 'torch', '--device', 'cpu')
    assert_told(command(disk, 'predict', str(folder), '--output', str(disk.folder / 'out'), *words), disk)


@often
def test_train(disk: SmallDisk, tmp_path: Path, chance: random.Random) -> None:
    data = write_shapes(tmp_path / 'data', seed=chance.randrange(1_000))
    recipe = tmp_path / 'recipe.yaml'
    recipe.write_text(
        f'{{data: {data}, output: {disk.folder / "run"}, input_size: [64, 96], decoder_channels: 16, batch_size: 2, '
        'steps: 1, warmup_steps: 1, validate_every: 1, precision: 32-true, threads: 1, accelerator: cpu}'
    )
    assert_told(command(disk, 'train', '--config', str(recipe)), disk)


@often
def test_render(disk: SmallDisk, chance: random.Random) -> None:
    if not (MESHES / 'dvrk_model').is_dir():
        pytest.skip('../shared/data/dvrk_model is not there')
    counts = ('--train', '4', '--val', '0', '--test', '0', '--seed', str(chance.randrange(1_000)))
    words = ('--data', str(MESHES), '--output', str(disk.folder / 'out'), *counts)
    assert_told(command(disk, 'render', *words), disk)


@often
def test_cache_of_the_back_end(disk: SmallDisk, tmp_path: Path, chance: random.Random) -> None:
    """It is of use without: the network runs, and the next start takes as long as this one."""
    cv2.imwrite(str(tmp_path / 'picture.png'), tissue(240, 320, chance.randrange(1_000)))
    output = tmp_path / 'out'
    words = ('predict', str(tmp_path / 'picture.png'), '--output', str(output), '--back-end', 'openvino')
    done = command(disk, *words, XDG_CACHE_HOME=str(disk.folder))
    assert (done.returncode, 'Traceback' in done.stderr) == (0, False), done.stderr
    assert any(output.iterdir())
