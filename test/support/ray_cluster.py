"""A Ray cluster of two workers on this machine, started apart from who uses it; tests kill some of them."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
from support.paths import ROOT

ENVIRONMENT = {
    'RAY_AUTH_MODE': 'token',
    'RAY_AUTH_TOKEN': secrets.token_hex(32),
    'RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER': '0',  # what listens, listens to this machine alone
    'RAY_USAGE_STATS_ENABLED': '0',
}
"""Of the cluster, and of whoever connects to it."""

_HEAD = """
import sys
import ray
ray.init('local', num_cpus=int(sys.argv[1]), num_gpus=0, include_dashboard=False, object_store_memory=100_000_000,
         _temp_dir=sys.argv[2], log_to_driver=False, logging_level='ERROR')
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
"""
_PATIENCE = 120.0  # seconds


class RayCluster:
    """A cluster; a context manager.

    :param workers: how many it has
    """

    def __init__(self, workers: int = 2) -> None:
        self.address = ''
        self._folder = tempfile.TemporaryDirectory(prefix='ray-', dir='/tmp', ignore_cleanup_errors=True)
        path = os.pathsep.join([str(ROOT), str(ROOT / 'test'), os.environ.get('PYTHONPATH', '')])
        self._process = subprocess.Popen(
            [sys.executable, '-c', _HEAD, str(workers), self._folder.name],
            env=os.environ | ENVIRONMENT | {'PYTHONPATH': path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> RayCluster:
        assert self._process.stdout
        self.address = self._process.stdout.readline().strip()
        assert self.address, 'it did not start'
        return self

    def __exit__(self, *_: object) -> None:
        family = [self._process_now, *self._process_now.children(recursive=True)]
        assert self._process.stdin
        self._process.stdin.close()
        end_all(family)
        self._process.wait()
        self._folder.cleanup()

    @contextmanager
    def one_killed(self, begun: Callable[[], bool]) -> Iterator[list[int]]:
        """Kill a process that works, once something has begun; give a list that then has its id."""
        killed: list[int] = []
        thread = threading.Thread(target=self._kill, args=(begun, killed), daemon=True)
        thread.start()
        yield killed
        thread.join(_PATIENCE)

    def _kill(self, begun: Callable[[], bool], killed: list[int]) -> None:
        until(begun)
        until(lambda: bool(self._working()))
        victim = self._working()[0]
        victim.kill()
        killed.append(victim.pid)

    def _working(self) -> list[psutil.Process]:
        return [process for process in self._process_now.children(recursive=True) if is_working(process)]

    @property
    def _process_now(self) -> psutil.Process:
        return psutil.Process(self._process.pid)


def is_working(process: psutil.Process) -> bool:
    """Whether a process of Ray runs a task of ours."""
    try:
        return process.cmdline()[:1] == ['ray::_work']
    except psutil.Error:
        return False


def until(reached: Callable[[], bool]) -> None:
    """Wait until something is reached."""
    end = time.monotonic() + _PATIENCE
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError(f'not reached within {_PATIENCE:g} s: {reached}')
        time.sleep(0.02)


def end_all(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Wait for processes to end, kill those that do not, and return these."""
    _, alive = psutil.wait_procs(processes, timeout=20)
    for process in alive:
        process.kill()
    return alive
