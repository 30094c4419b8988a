"""The node perception from its start to active, and from Ctrl-C to its end."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from mt3dnet_ros.demo.interruption import INTERRUPTION
from mt3dnet_ros.demo.processes import NodeError, NodeProcess, prepare_environment
from speed.conditions import Conditions
from speed.findings import Finding, attempted, values

_TIMEOUT = 180.0  # seconds
_PAUSE = 2.0  # seconds that the node is active
_CACHE = 'XDG_CACHE_HOME'


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the fastest starts of each back end, from an empty cache and from a full one."""
    for back_end in conditions.back_ends:
        yield from attempted(f'`{back_end}`', partial(_measure_back_end, conditions, back_end))


def _measure_back_end(conditions: Conditions, back_end: str) -> Iterator[Finding]:
    parameters = conditions.parameters(back_end=back_end, device='cpu')
    cold, warm = [], []
    for _ in range(conditions.starts):
        with tempfile.TemporaryDirectory(prefix='mt3dnet_ros_cache_') as folder, cache_in(folder):
            cold.append(start_and_stop(parameters)[0])
            warm.append(start_and_stop(parameters)[0])
    yield from values(f'`{back_end}`', {'cold cache': min(cold), 'warm cache': min(warm)})


@contextmanager
def cache_in(folder: str) -> Iterator[None]:
    """Have processes that are started in this block keep what they cache in a folder."""
    before = os.environ.get(_CACHE)
    os.environ[_CACHE] = folder
    try:
        yield
    finally:
        os.environ.pop(_CACHE)
        if before is not None:
            os.environ[_CACHE] = before


def start_and_stop(parameters: Mapping[str, str]) -> tuple[float, float]:
    """Return seconds until the node is active, and from Ctrl-C until its process has ended.

    :raises NodeError: it does not become active, or does not end as it should
    """
    prepare_environment()
    with tempfile.TemporaryDirectory(prefix='mt3dnet_ros_start_') as folder:
        log, started = Path(folder, 'perception.log'), time.monotonic()
        with INTERRUPTION.held():
            process = NodeProcess('perception', parameters, {}, log)
            try:
                with INTERRUPTION.raising():
                    _wait_until_active(process, log)
                    active = time.monotonic() - started
                    time.sleep(_PAUSE)
                interrupted = time.monotonic()
                ended = process.stop(10.0)
                took = time.monotonic() - interrupted
            finally:
                process.kill()
        process.check()
        if not ended or 'Traceback' in log.read_text(encoding='utf-8', errors='replace'):
            raise NodeError('perception does not end quietly')
    return active, took


def _wait_until_active(process: NodeProcess, log: Path) -> None:
    deadline = time.monotonic() + _TIMEOUT
    while 'active on' not in (printed := log.read_text(encoding='utf-8', errors='replace')):
        if not process.running or 'not configured' in printed or time.monotonic() > deadline:
            raise NodeError(f'perception is not active: {process.last_error()}')
        time.sleep(0.01)
