"""The demo's nodes are found, say why they end, and run in an environment that the user has the last word on."""

from __future__ import annotations

import time
from pathlib import Path
from textwrap import dedent

import pytest

from mt3dnet_ros.demo import processes
from mt3dnet_ros.demo.processes import NodeError, NodeProcess, prepare_environment


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of executables of a package as colcon installs it."""
    executables = tmp_path / 'prefix' / 'lib' / 'mt3dnet_ros'
    executables.mkdir(parents=True)
    package = tmp_path / 'prefix' / 'share' / 'mt3dnet_ros' / 'package.xml'
    monkeypatch.setattr(processes, 'package_file', lambda *_: package)
    return executables


def start(executables: Path, program: str) -> NodeProcess:
    (executables / 'node').write_text(program)
    return NodeProcess('node', {'rate': '2.0'}, {'image': '/camera'}, executables / 'logs' / 'node.log')


def wait_for_end(process: NodeProcess) -> None:
    deadline = time.monotonic() + 20.0
    while process.running:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_installed_executable_gets_its_parameters_and_remaps(installed: Path) -> None:
    process = start(installed, 'import sys\nprint(sys.argv[1:])')
    wait_for_end(process)
    process.check()
    printed = (installed / 'logs' / 'node.log').read_text()
    assert printed == "['--ros-args', '-p', 'rate:=2.0', '-r', 'image:=/camera']\n"


@pytest.mark.parametrize(
    ('program', 'reason'),
    [
        (
            "print('[INFO] [1.0] [node]: fine\\n[FATAL] [2.0] [node]: no such video\\nmore'); raise SystemExit(1)",
            'node: no such video$',
        ),
        ('raise SystemExit(3)', 'node: ended with status 3; its output is in .*node.log'),
    ],
)
def test_node_that_fails_is_reported_with_its_last_error(installed: Path, program: str, reason: str) -> None:
    process = start(installed, program)
    wait_for_end(process)
    with pytest.raises(NodeError, match=reason):
        process.check()


def test_node_that_does_not_end_is_killed(installed: Path) -> None:
    program = """
        import signal, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print('up', flush=True)
        time.sleep(60)
    """
    process = start(installed, dedent(program))
    while 'up' not in (installed / 'logs' / 'node.log').read_text():
        assert process.running
        time.sleep(0.01)
    assert not process.stop(0.2)
    assert not process.running


def test_second_signal_kills_nodes_at_once(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = start(installed, 'import time; time.sleep(60)')
    monkeypatch.setattr(processes.INTERRUPTION, 'hurried', True)
    began = time.monotonic()
    assert not process.stop(30.0)
    assert time.monotonic() - began < 10.0


def test_environment_of_the_user_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {'MALLOC_TRIM_THRESHOLD_': '7'}
    monkeypatch.setattr(processes.os, 'environ', environment)
    prepare_environment()
    assert Path(environment['FASTDDS_DEFAULT_PROFILES_FILE']).name == 'fastdds.xml'
    assert (environment['MALLOC_TRIM_THRESHOLD_'], environment['MALLOC_TOP_PAD_']) == ('7', '268435456')
    assert (environment['OMP_WAIT_POLICY'], environment['GOMP_SPINCOUNT']) == ('PASSIVE', '10000')
    environment['FASTDDS_DEFAULT_PROFILES_FILE'] = 'mine.xml'
    prepare_environment()
    assert environment['FASTDDS_DEFAULT_PROFILES_FILE'] == 'mine.xml'
