"""TCP ports: whether one is free, and how many programs are connected to it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mt3dnet_ros.errors import MT3DNetError

LOOPBACK = '127.0.0.1'
_TRIED = 20
_ESTABLISHED = '01'
_TABLES = (Path('/proc/net/tcp'), Path('/proc/net/tcp6'))


class PortError(MT3DNetError, OSError):
    """An address on which nothing can be served."""


def choose_port(host: str, port: int, default: int) -> int:
    """Return the port, or the next free one where it is the default and in use.

    :param host: address that is listened on
    :raises PortError: the port is in use, or the address is none of this machine
    """
    tried = range(port, min(port + _TRIED, 65536)) if port == default else (port,)
    for candidate in tried:
        if _is_free(host, candidate):
            return candidate
    raise PortError(
        f'port {port} of {host} is in use{f", and so are the next {_TRIED - 1}" if len(tried) > 1 else ""}; '
        'end the program that has it, or choose another port'
    )


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            return False
        raise PortError(f"'{host}' port {port} cannot be served on: {error}; use an address of this machine") from error
    return True


def count_connections(port: int) -> int | None:
    """Return how many programs are connected to a local port; None where the system does not tell (it is no Linux)."""
    if not _TABLES[0].exists():
        return None
    return sum(1 for local, state in _connections() if local == port and state == _ESTABLISHED)


def _connections() -> Iterator[tuple[int, str]]:
    """Yield local port and state of every TCP connection, as ``/proc/net/tcp`` lists them."""
    for table in _TABLES:
        with suppress(OSError):
            for line in table.read_text(encoding='ascii').splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                yield int(local.rpartition(':')[2], 16), state
