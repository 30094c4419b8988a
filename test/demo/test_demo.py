"""The demo, from a video to its files, with the real nodes in processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM

import cv2
import numpy as np
import psutil
import pytest
import yaml
from mcap.reader import make_reader
from support.endings import catches_signals
from support.paths import ROOT
from support.ros_shared_memory import own_files
from support.small_network import save_small_checkpoint, tissue

from mt3dnet_ros.ros.topics.perception import RECORDED

FRAMES = 20


def write_clip(path: Path) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 10.0, (160, 128))
    for index in range(FRAMES):
        writer.write(np.roll(tissue(128, 160), 4 * index, axis=1))
    writer.release()
    return path


def write_calibration(path: Path) -> Path:
    matrix = [140.0, 0.0, 79.5, 0.0, 140.0, 63.5, 0.0, 0.0, 1.0]
    projection = [140.0, 0.0, 79.5, 0.0, 0.0, 140.0, 63.5, 0.0, 0.0, 0.0, 1.0, 0.0]
    path.write_text(
        yaml.safe_dump(
            {
                'image_width': 160,
                'image_height': 128,
                'camera_name': 'scope',
                'distortion_model': 'plumb_bob',
                'camera_matrix': {'rows': 3, 'cols': 3, 'data': matrix},
                'distortion_coefficients': {'rows': 1, 'cols': 5, 'data': [0.0] * 5},
                'rectification_matrix': {'rows': 3, 'cols': 3, 'data': [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]},
                'projection_matrix': {'rows': 3, 'cols': 4, 'data': projection},
            }
        )
    )
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, '-m', 'mt3dnet_ros.demo', *map(str, arguments)]


def run_demo(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def read_recording(path: Path) -> dict[str, list[int]]:
    """Return the publishers' numbers of the recorded messages per topic."""
    numbers: dict[str, list[int]] = {}
    with path.open('rb') as stream:
        for _, channel, message in make_reader(stream).iter_messages():
            numbers.setdefault(channel.topic, []).append(message.sequence)
    return numbers


def row(text: str, title: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(title))


def test_demo_leaves_readable_files_and_a_table_that_agrees_with_the_recording(tmp_path: Path) -> None:
    output = tmp_path / 'results'
    done = run_demo(
        '--video',
        write_clip(tmp_path / 'clip.avi'),
        '--calibration',
        write_calibration(tmp_path / 'camera.yaml'),
        '--checkpoint',
        save_small_checkpoint(tmp_path / 'small.safetensors', saliency=True),
        '--device',
        'cpu',
        '--output',
        output,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'assuming a horizontal field of view' not in done.stdout

    numbers = read_recording(output / 'recording' / 'recording_0.mcap')
    published = {topic.below('/perception') for topic in RECORDED}
    assert numbers.keys() == {'/endoscope/image_raw', '/endoscope/camera_info', *published}
    processed = numbers['/perception/detections'][-1] - numbers['/perception/detections'][0] + 1
    assert f': {FRAMES} images published' in (output / 'logs' / 'video_source.log').read_text()
    assert row(done.stdout, 'frames in').split()[2] == str(FRAMES)
    assert row(done.stdout, 'frames processed').split()[2] == str(processed)
    assert row(done.stdout, 'frames dropped').split()[2] == str(FRAMES - processed)
    assert 0 < processed <= FRAMES
    for topic, found in numbers.items():
        published, missing = map(int, row(done.stdout, topic + ' ').split()[2:4])
        assert published - missing == len(found), topic
    assert re.search(r'latency +\d+ ms median, \d+ ms 99th percentile', done.stdout)
    assert re.search(r'^  network +\d+\.\d', done.stdout, re.MULTILINE)

    picture = cv2.imread(str(output / 'overview.png'))
    assert picture.shape == (256, 320, 3)
    capture = cv2.VideoCapture(str(output / 'overview.mp4'))
    frames = 0
    while (read := capture.read())[0]:
        assert read[1].shape == picture.shape
        frames += 1
    assert 0 < frames <= processed
    scene = (output / 'scene.ply').read_bytes()
    points = int(re.search(rb'element vertex (\d+)', scene)[1])
    assert len(scene.split(b'end_header\n', 1)[1]) == 16 * points
    assert 0 < points <= 80 * 64


def test_video_that_is_missing_gives_one_line(tmp_path: Path) -> None:
    done = run_demo('--video', tmp_path / 'missing.mp4', '--output', tmp_path / 'results')
    assert done.returncode == 1
    assert done.stderr == f"error: source '{tmp_path / 'missing.mp4'}' does not exist\n"


def test_calibration_that_is_none_gives_one_line(tmp_path: Path) -> None:
    (tmp_path / 'wrong.yaml').write_text('no: calibration\n')
    done = run_demo(
        '--video',
        write_clip(tmp_path / 'clip.avi'),
        '--calibration',
        tmp_path / 'wrong.yaml',
        '--output',
        tmp_path / 'results',
    )
    assert done.returncode == 1
    assert re.fullmatch(r"error: calibration '.*wrong.yaml': there is no camera matrix .*\n", done.stderr)


def test_node_that_cannot_work_ends_the_demo_with_its_reason(tmp_path: Path) -> None:
    done = run_demo(
        '--video',
        write_clip(tmp_path / 'clip.avi'),
        '--checkpoint',
        tmp_path / 'missing.safetensors',
        '--device',
        'cpu',
        '--output',
        tmp_path / 'results',
    )
    assert done.returncode == 1
    assert re.fullmatch(r"error: perception: not configured: checkpoint '.*missing.safetensors' .*\n", done.stderr)
    assert 'a horizontal field of view of 60 degrees' in done.stdout


def interrupted(demo: subprocess.Popen[str], nodes: int, *signals: int) -> str:
    """Send signals to a demo once it has so many nodes; return what it printed as errors."""
    found: list[psutil.Process] = []
    shared = set[Path]()
    try:
        deadline = time.monotonic() + 60.0
        while len(found) < nodes and time.monotonic() < deadline:
            found = psutil.Process(demo.pid).children()
            time.sleep(0.02)
        assert len(found) == nodes
        for number in signals:
            shared = shared.union(own_files(demo.pid), *(own_files(node.pid) for node in found))
            demo.send_signal(number)
            time.sleep(0.1)
        _, errors = demo.communicate(timeout=30)
    finally:
        left = [node for node in found if node.is_running()]
        for process in left:
            process.kill()
        demo.kill()
        demo.wait()
    assert demo.returncode == 130
    assert 'interrupted' in errors
    assert 'Traceback' not in errors
    assert not left
    assert {path for path in shared if path.exists()} == set()
    return errors


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, 'PYTHONUNBUFFERED': '1'},
    )


@pytest.mark.parametrize('signals', [(SIGINT,), (SIGTERM,), (SIGINT, SIGINT), (SIGHUP, SIGTERM)])
def test_signals_end_every_node(tmp_path: Path, signals: tuple[int, ...]) -> None:
    checkpoint = save_small_checkpoint(tmp_path / 'small.safetensors')
    words = ('--video', write_clip(tmp_path / 'clip.avi'), '--output', tmp_path / 'results', '--device', 'cpu')
    interrupted(start(*command(*words, '--checkpoint', checkpoint)), 2, *signals)


@pytest.mark.parametrize('signals', [(SIGTERM,), (SIGINT, SIGINT)])
def test_signals_end_the_nodes_of_the_guidance_demo(tmp_path: Path, signals: tuple[int, ...]) -> None:
    words = (sys.executable, '-m', 'mt3dnet_ros.demo.guidance', '--output', str(tmp_path))
    interrupted(start(*words), 2, *signals)


@pytest.mark.parametrize('module', ['mt3dnet_ros.demo', 'mt3dnet_ros.demo.dvrk', 'mt3dnet_ros.demo.guidance'])
def test_signal_while_the_demo_imports(module: str) -> None:
    demo = start(sys.executable, '-m', module)
    while not catches_signals(demo.pid):
        assert demo.poll() is None
    demo.send_signal(SIGINT)
    assert demo.communicate(timeout=30)[1] == '\ninterrupted\n'
    assert demo.returncode == 130


def test_no_process_of_the_demo_needs_pytorch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip('openvino', reason='openvino is not installed')
    # Python imports this at the start of every process; whoever imports PyTorch fails, as where it is not installed.
    (tmp_path / 'sitecustomize.py').write_text('import sys\nsys.modules["torch"] = None\n')
    monkeypatch.setenv('PYTHONPATH', str(tmp_path), prepend=os.pathsep)
    done = run_demo('--video', write_clip(tmp_path / 'clip.avi'), '--device', 'cpu', '--output', tmp_path / 'results')
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / 'results' / 'overview.mp4').is_file()
    log = (tmp_path / 'results' / 'logs' / 'perception.log').read_text()
    assert 'active on cpu' in log and 'torch' not in log
