"""Shared memory of Fast DDS: what a dead process left is removed, and what this one would leave."""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

FOLDER = Path('/dev/shm')
LEAST_AGE = 1.0  # seconds; a participant makes a file microseconds before it locks it
_NAME = re.compile(r'(?:sem\.)?(fast(?:dds|rtps)_(?:port\d+|[0-9a-z]{16}))(?:_el|_sl|_mutex)?')
_LOCKS = ('_el', '_sl')  # files that a participant keeps locked while it lives


def remove_orphans(folder: Path = FOLDER, least_age: float = LEAST_AGE) -> list[str]:
    """Remove this user's segments and ports whose process has ended, which `fastdds shm clean` is not at hand for.

    :param least_age: seconds; younger ones stay, as their process may be just starting
    :return: the names of those that were removed
    """
    names = {match[1] for path in folder.glob('*fast*') if (match := _NAME.fullmatch(path.name))}
    return [name for name in sorted(names) if _remove_orphan(folder, name, least_age)]


def remove_own(folder: Path = FOLDER) -> None:
    """Remove what this process has locked; to be called when it uses DDS no more, or ends at once."""
    for descriptor in os.listdir('/proc/self/fd'):
        with suppress(OSError):
            path = Path(os.readlink(f'/proc/self/fd/{descriptor}'))
            if path.parent == folder and path.name.endswith(_LOCKS) and _NAME.fullmatch(path.name):
                for file in _files(folder, path.name[:-3]):
                    file.unlink(missing_ok=True)


def _files(folder: Path, name: str) -> list[Path]:
    return [folder / name, folder / f'sem.{name}_mutex', *(folder / f'{name}{lock}' for lock in _LOCKS)]


def _remove_orphan(folder: Path, name: str, least_age: float) -> bool:
    with ExitStack() as stack:
        try:
            files = [path for path in _files(folder, name) if path.exists()]
            if not all(_is_old_and_own(path, least_age) for path in files):
                return False
            locks = [path for path in files if path.name.endswith(_LOCKS)]
            for path in locks:  # held until the files are gone, so that nobody begins to use them
                fcntl.flock(stack.enter_context(path.open('rb')), fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not stack.enter_context(_mutex(f'/{name}_mutex')) or (not locks and _is_mapped(folder / name)):
                return False
            for path in files:
                path.unlink(missing_ok=True)
        except OSError:  # it lives, or has just been removed
            return False
    return True


def _is_old_and_own(path: Path, least_age: float) -> bool:
    status = path.stat()
    return status.st_uid == os.getuid() and time.time() - status.st_mtime >= least_age


@contextmanager
def _mutex(name: str) -> Iterator[bool]:
    """Hold the semaphore under which participants open a port, and say whether that succeeded; true without one."""
    library = ctypes.CDLL(None)
    library.sem_open.restype = ctypes.c_void_p
    semaphore = ctypes.c_void_p(library.sem_open(name.encode(), 0))
    if not semaphore.value:
        yield True
        return
    taken = library.sem_trywait(semaphore) == 0
    try:
        yield taken
    finally:
        if taken:
            library.sem_post(semaphore)
        library.sem_close(semaphore)


def _is_mapped(path: Path) -> bool:
    """Return whether a process uses a file, as far as this user may know."""
    for maps in Path('/proc').glob('[0-9]*/maps'):
        with suppress(OSError):
            if f' {path}\n' in maps.read_text(encoding='utf-8', errors='replace'):
                return True
    return False
