"""A ROS domain of its own for each test run, so that runs side by side do not hear each other."""

from __future__ import annotations

import fcntl
import tempfile
from pathlib import Path
from typing import TextIO

DOMAINS = range(1, 100)  # above 101, DDS's ports meet those that Linux gives to outgoing connections


def claim_domain() -> tuple[int, TextIO]:
    """Return a domain id that no other test run of this machine holds, and the lock that holds it while open."""
    folder = Path(tempfile.gettempdir()) / 'mt3dnet_ros_domains'
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    for domain in DOMAINS:
        lock = (folder / str(domain)).open('w')
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return domain, lock
    raise RuntimeError(f'all ROS domains of {DOMAINS} are held by test runs (locks in {folder}); end some of them')
