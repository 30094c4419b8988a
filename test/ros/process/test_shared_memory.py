"""What a dead process left in shared memory goes; what a living one uses, or another user's, stays."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import rclpy
from support.ros_processes import NodeProcess
from support.ros_shared_memory import own_files

from mt3dnet_ros.ros.process.shared_memory import FOLDER, remove_orphans, remove_own

NAME = 'fastdds_0123456789abcdef'
PORT = f'fastdds_port{900_000_000 + os.getpid()}'  # that no participant has
LOCKER = """
import fcntl, sys, time
file = open(sys.argv[1], 'rb')
fcntl.flock(file, fcntl.LOCK_EX)
print(flush=True)
time.sleep(60)
"""
needs_fast_dds = pytest.mark.skipif(
    'fastrtps' not in rclpy.get_rmw_implementation_identifier(), reason='another middleware is in use'
)


def make(folder: Path, *names: str, age: float = 60.0) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.touch()
        os.utime(path, (time.time() - age, time.time() - age))
    return paths


def running(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a Python program and wait until it prints a line."""
    process = subprocess.Popen([sys.executable, '-c', program, *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.mark.parametrize('kind', ['fastdds', 'fastrtps'])  # of Lyrical, of Humble and Jazzy
@pytest.mark.parametrize('lock', ['_el', '_sl'])
def test_segment_and_port_whose_process_is_dead_go(tmp_path: Path, kind: str, lock: str) -> None:
    names = [f'{kind}_0123456789abcdef', f'{kind}_port7411']
    make(tmp_path, *names, *(name + lock for name in names), f'sem.{names[1]}_mutex')
    assert remove_orphans(tmp_path) == names
    assert list(tmp_path.iterdir()) == []


def test_segment_that_is_locked_stays(tmp_path: Path) -> None:
    paths = make(tmp_path, NAME, f'{NAME}_el')
    process = running(LOCKER, str(paths[1]))
    try:
        assert remove_orphans(tmp_path) == []
        assert all(path.exists() for path in paths)
    finally:
        end(process)
    assert remove_orphans(tmp_path) == [NAME]


def test_segment_of_a_process_that_is_just_starting_stays(tmp_path: Path) -> None:
    make(tmp_path, NAME, f'{NAME}_el', age=0.0)
    assert remove_orphans(tmp_path) == []


def test_files_of_another_user_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, NAME, f'{NAME}_el')
    monkeypatch.setattr(os, 'getuid', lambda: 12345)
    assert remove_orphans(tmp_path) == []


def test_files_of_other_programs_stay(tmp_path: Path) -> None:
    make(tmp_path, 'fastdds_report.txt', 'fastdds_port7411_el.bak', 'breakfast', 'lttng-ust-wait-6', 'sem.mine_mutex')
    assert remove_orphans(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 5


def test_port_whose_lock_is_gone_goes(tmp_path: Path) -> None:
    make(tmp_path, 'fastdds_port7411', 'sem.fastdds_port7411_mutex')
    assert remove_orphans(tmp_path) == ['fastdds_port7411']
    assert list(tmp_path.iterdir()) == []


MAPPER = """
import mmap, sys, time
with open(sys.argv[1], 'r+b') as file:
    mapped = mmap.mmap(file.fileno(), 0)
print(flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize('lock', [(), ('_el',), ('_sl',)])
def test_port_that_another_process_sends_to_stays(tmp_path: Path, lock: tuple[str, ...]) -> None:
    paths = make(tmp_path, 'fastdds_port7411', *(f'fastdds_port7411{suffix}' for suffix in lock))
    paths[0].write_bytes(b'0')
    make(tmp_path, 'fastdds_port7411')
    process = running(MAPPER, str(paths[0]))
    try:
        assert remove_orphans(tmp_path) == []
        assert all(path.exists() for path in paths)
    finally:
        end(process)
    assert remove_orphans(tmp_path) == ['fastdds_port7411']


HOLDER = """
import ctypes, sys, time
library = ctypes.CDLL(None)
library.sem_open.restype = ctypes.c_void_p
semaphore = library.sem_open(sys.argv[1].encode(), 0o100, 0o666, int(sys.argv[2]))
assert semaphore
print(flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize('free', [0, 1])
def test_port_that_a_participant_is_opening_stays(free: int) -> None:
    process = running(HOLDER, f'/{PORT}_mutex', str(free))
    paths = make(FOLDER, PORT, f'{PORT}_el', f'sem.{PORT}_mutex')
    try:
        assert (PORT in remove_orphans()) is bool(free)
        assert [path.exists() for path in paths] == [not free] * 3
    finally:
        end(process)
        for path in paths:
            path.unlink(missing_ok=True)


@pytest.fixture
def alive(start_node: Callable[..., NodeProcess]) -> NodeProcess:
    """Return a node that lives beside those that are killed."""
    process = start_node('camera_info_source', {'vertical_fov': 60.0}, {'__node': 'alive'})
    process.wait_for_output('640 x 480')
    return process


def is_mapped(path: Path) -> bool:
    """Return whether a living process has a file in its memory."""
    for maps in Path('/proc').glob('[0-9]*/maps'):
        with contextlib.suppress(OSError):  # of one that has just ended
            if str(path) in maps.read_text():
                return True
    return False


@needs_fast_dds
def test_next_start_removes_what_a_killed_node_left_and_nothing_of_a_living_one(
    start_node: Callable[..., NodeProcess], alive: NodeProcess
) -> None:
    killed = start_node('camera_info_source', {'vertical_fov': 60.0})
    killed.wait_for_output('640 x 480')
    left, kept = own_files(killed.pid), own_files(alive.pid)
    killed.send(signal.SIGKILL)
    assert killed.wait()[0] == -signal.SIGKILL
    assert {path for path in left if path.exists()}  # 134 MiB of it
    time.sleep(1.0)
    again = start_node('camera_info_source', {'vertical_fov': 60.0}, {'__node': 'again'})
    again.wait_for_output('640 x 480')
    used = own_files(again.pid)  # the same port, perhaps
    sent_to = {port for port in left if 'port' in port.name and is_mapped(port)}
    open_elsewhere = {path for path in left if any(port.name in path.name for port in sent_to)}
    assert {path for path in left - used - open_elsewhere if path.exists()} == set()
    assert {path for path in kept if not path.exists() and not path.name.startswith('sem.')} == set()
    for process in (again, alive):
        assert process.stop()[0] == 0
    assert {path for path in left | used | kept if path.exists()} == set()


@needs_fast_dds
def test_node_that_cannot_be_made_leaves_nothing(start_node: Callable[..., NodeProcess], tmp_path: Path) -> None:
    process, seen = start_node('video_source', {'source': str(tmp_path / 'missing.mp4')}), set()
    while process.running:
        seen |= own_files(process.pid)
    assert process.wait()[0] == 1
    assert seen
    assert {path for path in seen if path.exists()} == set()


LOOKER = LOCKER.replace('time.sleep(60)', 'time.sleep(0.02)')


def test_what_another_node_looks_at_for_a_moment_goes_nevertheless(tmp_path: Path) -> None:
    paths = make(tmp_path, PORT, f'{PORT}_el')
    looker = running(LOOKER, str(paths[1]))
    remove_own({PORT}, tmp_path)
    looker.wait()
    assert [path for path in paths if path.exists()] == []
