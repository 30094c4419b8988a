"""A Ray cluster: the user's, or one of this machine alone that leaves nothing behind."""

from __future__ import annotations

import logging
import os
import re
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mt3dnet_ros.distribution.errors import ClusterError
from mt3dnet_ros.errors import describe_os_error, needs_extra

LOCAL = 'local'
"""The address of a cluster that is started on this machine, and ends with its use."""

ADDRESS = re.compile(r'auto|(ray://)?(?P<host>[\w.-]+|\[[\da-fA-F:]+\]):(?P<port>\d{1,5})')
"""What the address of a running cluster looks like."""

_ENVIRONMENT = {  # of a cluster of this machine
    'RAY_AUTH_MODE': 'token',  # with one of its own: nobody else on this machine may use it, nor is one kept in a file
    'RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER': '0',  # what listens, listens to this machine alone, as it does on macOS
    'RAY_USAGE_STATS_ENABLED': '0',
    'RAY_enable_metrics_collection': '0',
    'RAY_task_oom_retries': '3',  # without end by default
}
_TOKEN = 'RAY_AUTH_TOKEN'
_STORE = 512 << 20  # bytes of shared memory for results; what is beyond goes to the temporary folder
_LONGEST_FOLDER = 40  # characters: the sockets below it may have names of 107
_PATIENCE = 5.0  # seconds until a machine that does not answer is given up


@contextmanager
def open_cluster(address: str = LOCAL, processes: int = 1) -> Iterator[Any]:
    """Connect to a cluster and give the module ``ray``; at the end, or when interrupted, its work for us ends.

    One of this machine listens to this machine alone, tells nobody that it is used, has no dashboard, and keeps logs
    and results in a temporary folder that goes with it.

    :param address: as ``ray.init`` takes it, or ``LOCAL``
    :param processes: tasks at a time, of a cluster of this machine
    :raises ClusterError: none answers at the address, or it is of other versions of Ray or Python
    :raises MissingExtraError: Ray is not installed
    """
    if address != LOCAL:
        _knock(address)
    # Read when Ray is imported and by its processes.
    os.environ.update(_ENVIRONMENT | {_TOKEN: secrets.token_hex(32)} if address == LOCAL else _authentication())
    with needs_extra('ray'):
        import ray
    ray._private.worker.print_to_stdstream = _print_nothing
    try:
        with _local(ray, processes) if address == LOCAL else _remote(ray, address):
            yield ray
    finally:
        ray.shutdown()


def _authentication() -> dict[str, str]:
    """Return what makes Ray use the token that a user has, which it does by itself for the address ``auto`` only."""
    is_named = any(name in os.environ for name in (_TOKEN, f'{_TOKEN}_PATH'))
    has_token = is_named or Path('~/.ray/auth_token').expanduser().is_file()
    return {'RAY_AUTH_MODE': 'token'} if has_token and 'RAY_AUTH_MODE' not in os.environ else {}


def _print_nothing(*_: Any, **__: Any) -> None:
    """Stand for what prints Ray's words on workers that died, into our output; ``log_to_driver`` does not cover it."""


@contextmanager
def _local(ray: Any, processes: int) -> Iterator[None]:
    base = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(
        prefix='mt3dnet-', dir=base if len(base) < _LONGEST_FOLDER else '/tmp', ignore_cleanup_errors=True
    ) as folder:
        try:
            ray.init(
                'local', num_cpus=processes, include_dashboard=False, object_store_memory=_STORE, _temp_dir=folder,
                log_to_driver=False, logging_level=logging.ERROR,
            )  # fmt: skip
            yield
        finally:
            ray.shutdown()  # before the folder goes


@contextmanager
def _remote(ray: Any, address: str) -> Iterator[None]:
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ClusterError(
            f"the Ray cluster at '{address}' cannot be used from here, with Ray {ray.__version__} and Python "
            f'{sys.version.split()[0]}: {_reason(error)}'
        ) from error
    yield


def _reason(error: BaseException) -> str:
    while error.__cause__:
        error = error.__cause__
    words = str(error)
    if 'AuthToken' in words:
        return f'it asks for a token; set RAY_AUTH_MODE=token, and {_TOKEN} to its own (`ray get-auth-token`)'
    return words


def _knock(address: str) -> None:
    """Raise where nobody answers: Ray would wait for minutes.

    :raises ClusterError: says what to do
    """
    found = ADDRESS.fullmatch(address)
    if not found:
        raise ClusterError(f"'{address}' is no address of a Ray cluster; give auto, HOST:PORT or ray://HOST:PORT")
    if found['host'] is None:
        return
    try:
        socket.create_connection((found['host'].strip('[]'), int(found['port'])), _PATIENCE).close()
    except OSError as error:
        raise ClusterError(
            f"no Ray cluster answers at '{address}' ({describe_os_error(error)}); `ray start --head` starts "
            'one and says its address'
        ) from error
