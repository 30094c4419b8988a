"""A node that crashes leaves a report that a person can read, and is counted, and started later each time."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from support.ros_listener import listening
from support.ros_processes import NodeProcess

from mt3dnet_ros.ros.process.crash_report import MOST_REPORTS, node_name
from mt3dnet_ros.ros.process.restarts import LONGEST_PAUSE, STABLE, Run, begin_run, end_run, keep_run, read_run

# A node with diagnostics, a parameter, a line in its log and a thread; it dies as its command line says.
NODE = """
import ctypes, os, sys, threading, time
from rclpy.node import Node
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.ros.diagnostics import OK, Finding
from mt3dnet_ros.ros.reporter import Reporter
from mt3dnet_ros.ros.run import run_node

class Mortal(Node):
    def __init__(self):
        super().__init__('mortal')
        self.declare_parameter('flavour', 'vanilla')
        self.get_logger().info('the last line of the log')
        self._report = Reporter(self)
        threading.Thread(target=time.sleep, args=(600,), name='sleeper', daemon=True).start()
        self.create_timer(0.2, self.tick)

    def tick(self):
        self._report([Finding('state', OK, 'nearly dead')], {'pulse': '42'})
        if not os.path.exists(sys.argv[1]):
            return
        if sys.argv[2] == 'exception':
            raise LookupError('out of ideas')
        if sys.argv[2] == 'own error':
            raise InputError('this cannot be worked with')
        if sys.argv[2] == 'thread':
            def die():
                raise ValueError('a thread is lost')
            threading.Thread(target=die, name='worker').start()
            os.unlink(sys.argv[1])
        if sys.argv[2] == 'segmentation':
            ctypes.string_at(0)
        if sys.argv[2] == 'abort':
            os.abort()

run_node(Mortal)
"""


class Mortal:
    """Starts that node in one log folder, again and again."""

    def __init__(self, folder: Path, launch: str = '') -> None:
        self.logs, self._script, self._sign = folder / 'logs', folder / 'mortal.py', folder / 'die'
        self._script.write_text(NODE)
        self._environment = {**os.environ, 'ROS_LOG_DIR': str(self.logs), 'MT3DNET_ROS_LAUNCH_PID': launch}
        self.output = ''

    def start(self, way: str) -> subprocess.Popen[str]:
        self._sign.unlink(missing_ok=True)
        command = [sys.executable, str(self._script), str(self._sign), way, '--ros-args', '-p', 'flavour:=mint']
        return subprocess.Popen(
            command, env=self._environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def wait_until_it_runs(self, process: subprocess.Popen[str]) -> None:
        """Wait until its report has the last diagnostics and the log."""
        deadline = time.monotonic() + 60.0
        while process.poll() is None and time.monotonic() < deadline:
            found = [path for path in self.reports() if str(process.pid) in path.name]
            if found and 'pulse: 42' in (text := found[0].read_text()) and 'the last line of the log' in text:
                return
            time.sleep(0.05)
        raise AssertionError(f'it does not run: {process.communicate(timeout=5.0)[0] if process.poll() else ""}')

    def let_die(self, process: subprocess.Popen[str]) -> int:
        self._sign.touch()
        self.output, _ = process.communicate(timeout=60.0)
        return process.returncode

    def die(self, way: str) -> int:
        process = self.start(way)
        self.wait_until_it_runs(process)
        return self.let_die(process)

    def reports(self) -> list[Path]:
        return sorted((self.logs / 'mt3dnet_ros').glob('*.txt'), key=lambda path: path.stat().st_mtime)


@pytest.mark.parametrize(
    ('way', 'status', 'reason'),
    [
        ('segmentation', -signal.SIGSEGV, 'Fatal Python error: Segmentation fault'),
        ('abort', -signal.SIGABRT, 'Fatal Python error: Aborted'),
        ('exception', 1, 'Uncaught exception: LookupError: out of ideas (in the main thread)'),
    ],
)
def test_a_crash_leaves_a_report(way: str, status: int, reason: str, tmp_path: Path) -> None:
    mortal = Mortal(tmp_path)
    assert mortal.die(way) == status, mortal.output
    (report,) = mortal.reports()
    text = report.read_text()
    for part in (reason, "flavour: 'mint'", '/mortal', 'nearly dead', 'pulse: 42', 'the last line of the log'):
        assert part in text
    assert re.search(r'^numpy \d', text, re.MULTILINE) and 'mt3dnet_ros ' in text
    assert text.count('most recent call first') >= 3  # the main thread, that of the report, the sleeper
    assert 'in tick' in text
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_node_that_ends_as_it_was_asked_to_leaves_nothing(number: int, tmp_path: Path) -> None:
    mortal = Mortal(tmp_path)
    process = mortal.start('never')
    mortal.wait_until_it_runs(process)
    process.send_signal(number)
    assert process.wait(60.0) == 0
    assert list((mortal.logs / 'mt3dnet_ros').iterdir()) == []


def test_a_node_that_cannot_work_leaves_its_reason_and_no_report(tmp_path: Path) -> None:
    mortal = Mortal(tmp_path)
    assert mortal.die('own error') == 1
    assert mortal.reports() == []
    process = mortal.start('never')
    mortal.wait_until_it_runs(process)
    process.kill()
    assert 'after: this cannot be worked with' in process.communicate()[0]


def test_a_thread_that_dies_of_an_exception_is_in_the_report_and_the_node_goes_on(tmp_path: Path) -> None:
    mortal = Mortal(tmp_path)
    process = mortal.start('thread')
    mortal.wait_until_it_runs(process)
    (tmp_path / 'die').touch()
    deadline = time.monotonic() + 60.0
    (report,) = mortal.reports()
    while 'a thread is lost (in thread worker)' not in report.read_text():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(60.0) == 0
    assert report.exists()


def test_restarts_are_counted_and_told_by_diagnostics(tmp_path: Path) -> None:
    mortal = Mortal(tmp_path)
    mortal.die('segmentation')
    process = mortal.start('abort')
    with listening() as listener:
        arrived = listener.collect(DiagnosticArray, '/diagnostics')
        listener.spin_until(lambda: bool(arrived), timeout=60.0)
    (told,) = arrived[-1].status
    values = {entry.key: entry.value for entry in told.values}
    assert (values['restarts'], values['last death']) == ('1', 'Segmentation fault')
    assert Path(values['report']).is_file()
    assert (told.level, told.message) == (
        DiagnosticStatus.WARN, 'restarted, for the 1. time, after: Segmentation fault'
    )  # fmt: skip
    mortal.wait_until_it_runs(process)
    mortal.let_die(process)
    process = mortal.start('never')
    mortal.wait_until_it_runs(process)
    process.send_signal(signal.SIGINT)
    assert 'for the 2. time, after: Aborted' in process.communicate(timeout=60.0)[0]
    assert len(mortal.reports()) == 2


def test_the_pause_grows_with_each_death_under_launch_and_ends_at_once_when_asked(tmp_path: Path) -> None:
    mortal = Mortal(tmp_path, launch=str(os.getpid()))
    for _ in range(2):
        process = mortal.start('never')
        mortal.wait_until_it_runs(process)
        process.kill()
        process.communicate()
    state = next((mortal.logs / 'mt3dnet_ros').glob('*.json'))
    run = read_run(state)
    assert run is not None and (run.count, run.quick, run.pause) == (1, 1, 0.0)
    keep_run(state, Run(**{**run.__dict__, 'quick': 30}))
    process = mortal.start('never')
    line = ''
    while 'waiting 60 s' not in line:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, 'it ended'
    process.send_signal(signal.SIGINT)
    assert process.wait(30.0) == 0


def test_pauses_double_up_to_a_minute_and_only_under_launch() -> None:
    pauses = [Run(1, '', 0.0, '1', '', quick=quick).pause for quick in range(9)]
    assert pauses == [0.0, 0.0, 1.0, 3.0, 7.0, 15.0, 31.0, LONGEST_PAUSE, LONGEST_PAUSE]
    assert Run(1, '', 0.0, '', '', quick=9).pause == 0.0


@pytest.fixture
def died(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Return a function that makes a run after one that has died."""
    state = tmp_path / 'state.json'

    def died(lived: float, launch: str = '7', now: str = '7', quick: int = 3) -> Run:
        report = tmp_path / 'report.txt'
        report.write_text('Fatal Python error: Bus error\n')
        before = Run(2**22 + 1, 'gone', report.stat().st_mtime - lived, launch, str(report), 5, quick)
        keep_run(state, before)
        monkeypatch.setenv('MT3DNET_ROS_LAUNCH_PID', now)
        return begin_run(state, tmp_path / 'new.txt')

    return died


def test_a_node_that_lived_long_does_not_grow_the_pause(died: Callable[..., Run]) -> None:
    run = died(lived=STABLE + 1.0)
    assert (run.count, run.quick, run.pause, run.last_cause) == (6, 1, 0.0, 'Bus error')


def test_a_node_that_died_soon_grows_it(died: Callable[..., Run]) -> None:
    assert (died(lived=1.0).quick, died(lived=1.0).pause) == (4, 7.0)


def test_another_launch_counts_anew(died: Callable[..., Run]) -> None:
    run = died(lived=1.0, launch='7', now='8')
    assert (run.count, run.quick, run.last_cause) == (0, 0, '')


def test_a_state_that_is_damaged_or_of_somebody_who_lives_counts_nothing(tmp_path: Path) -> None:
    state = tmp_path / 'state.json'
    state.write_text('{"pid": ')
    assert begin_run(state, tmp_path / 'a.txt').count == 0
    assert begin_run(state, tmp_path / 'b.txt').count == 0  # this process lives
    end_run(state)
    assert not state.exists()


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_run(tmp_path: Path) -> None:
    mortal = Mortal(tmp_path)
    mortal.logs.mkdir()
    (mortal.logs / 'mt3dnet_ros').write_text('a file where the folder would be')
    process = mortal.start('exception')
    assert mortal.let_die(process) == 1
    assert 'LookupError: out of ideas' in mortal.output


@pytest.mark.parametrize(
    ('words', 'name'),
    [
        (['scripts/perception'], 'perception'),
        (['scripts/perception', '--ros-args', '-r', '__ns:=/jhu/left'], 'jhu.left.perception'),
        (['x', '--ros-args', '-r', '__node:=eye', '-r', 'perception:__ns:=/a'], 'a.eye'),
        (['nodes/viewer.py', '-r', '__name:=../../etc/x y'], '......etc.x_y'),
    ],
)
def test_the_report_has_the_name_of_the_node(words: list[str], name: str) -> None:
    assert node_name(words) == name


def test_old_reports_go(tmp_path: Path) -> None:
    mortal = Mortal(tmp_path)
    folder = mortal.logs / 'mt3dnet_ros'
    folder.mkdir(parents=True)
    for number in range(MOST_REPORTS + 5):
        (folder / f'mortal_20200101-0000{number:02d}_1.txt').touch()
    mortal.die('exception')
    left = mortal.reports()
    assert len(left) == MOST_REPORTS
    assert 'out of ideas' in left[-1].read_text()


def test_a_node_of_a_real_process_is_restarted_with_its_count(
    start_node: Callable[..., NodeProcess], tmp_path: Path
) -> None:
    environment = {'ROS_LOG_DIR': str(tmp_path / 'logs')}
    for expected in ('', 'started again, for the 1. time', 'started again, for the 2. time'):
        node = start_node('camera_info_source', {'vertical_fov': 60.0}, environment=environment)
        output = node.wait_for_output('fx =', 60.0)
        assert expected in output
        os.kill(node.pid, signal.SIGSEGV)
        assert node.wait()[0] == -signal.SIGSEGV
