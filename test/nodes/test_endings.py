"""Whatever asks a node to end, and whenever, it ends quietly, with status 0, and leaves nothing in shared memory."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM
from typing import Any

import pytest
from support.endings import catches_signals, files_until_end
from support.paths import ROOT
from support.ros_processes import NodeProcess
from support.ros_shared_memory import own_files

StartNode = Callable[..., NodeProcess]
NODES: dict[str, dict[str, Any]] = {
    'camera_guidance': {},
    'camera_info_source': {'vertical_fov': 60.0},
    'hand_eye': {'file': 'hand_eye.yaml'},
    'perception': {'autostart': False},
    'reconstruction': {'autostart': False},
    'recorder': {'output': 'recording'},
    'simulated_ecm': {},
    'video_source': {'source': str(ROOT / 'config/demo/clip.mp4')},
    'viewer': {},
}
HAND_EYE = """
parent_frame: link
child_frame: camera
transform: {translation: {x: 0, y: 0, z: 0.1}, rotation: {x: 0, y: 0, z: 0, w: 1}}
"""
NEEDS = {'hand_eye': 'tf2_msgs'}
SIGNALS = [(SIGINT,), (SIGINT, SIGINT), (SIGTERM, SIGTERM), (SIGINT, SIGTERM), (SIGTERM, SIGINT), (SIGHUP,)]


@pytest.fixture
def start(start_node: StartNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], NodeProcess]:
    """Return a function that starts a node by its name, with what it needs."""
    (tmp_path / 'hand_eye.yaml').write_text(HAND_EYE)
    monkeypatch.chdir(tmp_path)
    return lambda name: start_node(name, NODES[name])


def wait_for(condition: Callable[[], Any], process: NodeProcess) -> None:
    deadline = time.monotonic() + 20.0
    while not condition():
        assert process.running and time.monotonic() < deadline, process.output()
        time.sleep(0.002)


def assert_quiet_end(process: NodeProcess) -> None:
    seen = files_until_end([process])
    status, output = process.wait()
    # Fast DDS says so where another process is just removing what a killed one left, and takes the next port.
    output = '\n'.join(line for line in output.splitlines() if 'Failed init_port' not in line)
    assert (status, 'Traceback' in output, 'rror' in output) == (0, False, False), output
    assert {path for path in seen if path.exists()} == set()


@pytest.mark.parametrize('name', [name for name in NODES if name != 'viewer'])  # which takes a port
def test_node_that_runs(start: Callable[[str], NodeProcess], name: str) -> None:
    if name in NEEDS:
        pytest.importorskip(NEEDS[name], reason=f'{name} needs {NEEDS[name]}')
    process = start(name)
    wait_for(lambda: own_files(process.pid), process)
    time.sleep(0.5)
    process.send(*SIGNALS[list(NODES).index(name) % len(SIGNALS)])
    assert_quiet_end(process)


@pytest.mark.parametrize('signals', SIGNALS, ids=lambda signals: '-'.join(number.name for number in signals))
@pytest.mark.parametrize('name', ['perception', 'viewer'])
def test_node_that_still_imports(start: Callable[[str], NodeProcess], name: str, signals: tuple[int, ...]) -> None:
    process = start(name)
    wait_for(lambda: catches_signals(process.pid), process)
    process.send(*signals, pause=0.01)
    assert_quiet_end(process)


@pytest.mark.parametrize('delay', [0.0, 0.1, 0.8])
def test_perception_that_loads_its_network(start_node: StartNode, delay: float) -> None:
    process = start_node('perception')
    wait_for(lambda: own_files(process.pid), process)
    time.sleep(delay)
    sent = time.monotonic()
    process.send(SIGTERM, SIGINT)
    assert_quiet_end(process)
    assert time.monotonic() - sent < 10.0


@pytest.mark.parametrize('pause', [0.0, 0.03, 0.1, 0.25])
def test_second_signal_while_the_node_closes(start_node: StartNode, tmp_path: Path, pause: float) -> None:
    process = start_node('recorder', {'output': str(tmp_path / 'recording')})
    wait_for(lambda: re.search(r'recording \d+ topics', process.output()), process)
    process.send(SIGINT, SIGTERM, SIGINT, pause=pause)
    assert_quiet_end(process)
    assert "recording' has 0 messages of" in process.output()  # its own diagnostics may be a topic by then


def test_every_node_listens_for_signals_before_it_imports_anything_slow() -> None:
    for script in (ROOT / 'scripts').iterdir():
        if script.name != 'mt3dnet':
            lines = [line for line in script.read_text().splitlines() if line]
            assert lines[1:3] == ['from mt3dnet_ros.ros.process.ending import ENDING', 'ENDING.listen()'], script.name


@pytest.mark.parametrize('name', ['camera_guidance', 'camera_info_source', 'recorder', 'simulated_ecm', 'video_source'])
def test_node_says_that_it_waits_for_simulated_time(
    start_node: StartNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    process = start_node(name, {**NODES[name], 'use_sim_time': True})
    process.wait_for_output('use_sim_time is set, but nothing has come on /clock')
    process.send(SIGINT)
    assert_quiet_end(process)
