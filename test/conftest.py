"""What all tests share: a ROS domain of their own, and nodes that end with the test that started them."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from support.fault_table import pytest_terminal_summary, recovered  # noqa: F401
from support.paths import ROOT
from support.ros_domain import claim_domain
from support.ros_processes import NodeProcess

from mt3dnet_ros.ros.process.shared_memory import remove_orphans

# PyTorch in each of several test processes: on a busy machine the barriers between threads cost more than they gain.
if 'PYTEST_XDIST_WORKER' in os.environ:
    os.environ.setdefault('OMP_NUM_THREADS', '1')

domain, domain_lock = claim_domain()
os.environ['ROS_DOMAIN_ID'] = str(domain)
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
cache_folder = tempfile.TemporaryDirectory(prefix='mt3dnet_ros_cache_')
os.environ['XDG_CACHE_HOME'] = cache_folder.name  # not the user's
log_folder = tempfile.TemporaryDirectory(prefix='mt3dnet_ros_log_')
os.environ['ROS_LOG_DIR'] = log_folder.name
os.environ.setdefault('FASTDDS_DEFAULT_PROFILES_FILE', str(ROOT / 'config' / 'fastdds.xml'))

# A background job of a shell script ignores Ctrl-C, one under nohup the end of its terminal, and so would every process
# that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Say how many processes `-n auto` means."""
    from support.side_by_side import number_of_processes

    return number_of_processes()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give tests to processes file by file."""
    from support.side_by_side import Scheduling

    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In each of several processes, put long tests first."""
    if 'PYTEST_XDIST_WORKER' in os.environ:
        from support.side_by_side import put_long_tests_first

        put_long_tests_first(items)


@pytest.fixture(scope='session', autouse=True)
def shared_memory() -> Iterator[None]:
    """Give back what killed nodes left in shared memory: runs on one machine would fill it."""
    remove_orphans()
    yield
    remove_orphans()


@pytest.fixture(scope='module', autouse=True)
def logs_of_module() -> Iterator[None]:
    """Let nodes know nothing of those that died in tests before: they would warn of it."""
    with logs_apart():
        yield


@pytest.fixture(autouse=True)
def logs_of_test() -> Iterator[None]:
    """Likewise of those in other tests of the module."""
    with logs_apart():
        yield


@contextmanager
def logs_apart() -> Iterator[None]:
    """Give nodes that are started meanwhile a folder of their own for their logs and reports."""
    with patch.dict(os.environ, ROS_LOG_DIR=tempfile.mkdtemp(dir=log_folder.name)):
        yield


@pytest.fixture(autouse=True)
def known_datasets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a data set that a test registers be known to that test alone."""
    if registry := sys.modules.get('mt3dnet_ros.datasets.registry'):
        monkeypatch.setattr(registry, '_READERS', dict(registry._READERS))


@pytest.fixture(scope='module')
def one_thread() -> Iterator[None]:
    """Let PyTorch use one thread: on a busy machine the barriers between threads cost more than a small network."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def start_node(tmp_path: Path) -> Iterator[Callable[..., NodeProcess]]:
    """Return a function that starts a node: `start_node('perception', parameters, remaps)`; see NodeProcess."""
    processes: list[NodeProcess] = []

    def start(executable: str, *arguments: Any, **options: Any) -> NodeProcess:
        options.setdefault('log', tmp_path / f'{len(processes)}_{executable}.log')
        processes.append(NodeProcess(executable, *arguments, **options))
        return processes[-1]

    yield start
    for process in processes:
        process.stop()
