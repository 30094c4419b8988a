"""On which addresses a port is listened on."""

from __future__ import annotations

from pathlib import Path

LOOPBACK_ONLY = {'0100007F'}
_LISTENING = '0A'


def addresses_of(port: int) -> set[str]:
    """Return the addresses, as the kernel writes them, on which a port is listened on."""
    lines = Path('/proc/net/tcp').read_text().splitlines() + Path('/proc/net/tcp6').read_text().splitlines()
    sockets = [line.split()[1:4:2] for line in lines[1:]]
    return {local.split(':')[0] for local, state in sockets if state == _LISTENING and local.endswith(f':{port:04X}')}
