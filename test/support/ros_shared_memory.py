"""Shared memory of Fast DDS that outlived its process: a killed participant leaves a segment of 128 MiB behind."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path('/dev/shm')
_LOCK = '_el'  # file that a participant keeps locked while it lives
_LEAST_AGE = 5.0  # seconds; a participant makes the file before it locks it


def remove_orphans(folder: Path = FOLDER, least_age: float = _LEAST_AGE) -> None:
    """Remove the segments and ports whose process has ended, as `fastdds shm clean` does, which is not on PyPI."""
    for lock in _unheld(folder, least_age):
        name = lock.name.removesuffix(_LOCK)
        for orphan in (name, f'sem.{name}_mutex', lock.name):
            (folder / orphan).unlink(missing_ok=True)


def _unheld(folder: Path, least_age: float) -> Iterator[Path]:
    for lock in list(folder.glob(f'fastdds_*{_LOCK}')):
        try:
            with lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            old = time.time() - lock.stat().st_mtime >= least_age
        except OSError:  # it lives, is another user's, or has just been removed
            continue
        if old:
            yield lock


def mapped_segments(process: int | str) -> set[Path]:
    """Return the segments that a process has mapped: its own, and those of others it receives from.

    :param process: its id, or ``self``
    """
    lines = Path(f'/proc/{process}/maps').read_text().splitlines()
    return {Path(line.split()[-1]) for line in lines if f'{FOLDER}/fastdds_' in line and 'port' not in line}
