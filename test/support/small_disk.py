"""Folders that cannot be written into, or not for long."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 1 << 20  # bytes of a full disk


class SmallDisk:
    """A folder on a full or a read-only disk.

    :param limit: to be called by a process that is to believe it, before it starts
    """

    def __init__(self, folder: Path, limit: Callable[[], None]) -> None:
        self.folder = folder
        self.limit = limit


@contextmanager
def small_disk(folder: Path, *, read_only: bool) -> Iterator[SmallDisk]:
    """Make a disk of 1 MB, or one that is read-only, of a folder: by mounting it, or else by limits of the process."""
    folder.mkdir()
    options = 'ro,size=1m' if read_only else f'size={SIZE}'
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', str(folder)], capture_output=True)
    if mounted.returncode and read_only:
        folder.chmod(0o500)
    try:
        yield SmallDisk(folder, _no_limit if read_only or not mounted.returncode else _limit_files)
    finally:
        if not mounted.returncode:
            subprocess.run(['umount', '-l', str(folder)], check=True)
        os.chmod(folder, 0o700)


def _no_limit() -> None:
    """Leave the process as it is."""


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE, SIZE))
