"""Shared memory of Fast DDS: what a dead process left is removed, and what this one would leave."""

from __future__ import annotations

import ctypes
import fcntl
import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

FOLDER = Path('/dev/shm')
LEAST_AGE = 1.0  # seconds; a participant makes a file microseconds before it locks it
PATIENCE = 1.0  # seconds that nodes which end together wait for each other
_LOOKS, _PAUSE = 5, (0.005, 0.03)  # seconds between two looks
_MOST_BUSY = 6.0  # times as many looks at most, where the machine has more to do than it has cores
_NAME = re.compile(r'(?:sem\.)?(fast(?:dds|rtps)_(?:port\d+|[0-9a-z]{16}))(?:_el|_sl|_mutex)?')
_LOCKS = ('_el', '_sl')  # files that a participant keeps locked while it lives


def remove_orphans(folder: Path = FOLDER, least_age: float = LEAST_AGE) -> list[str]:
    """Remove this user's segments and ports whose process has ended, which `fastdds shm clean` is not at hand for.

    :param least_age: seconds; younger ones stay, as their process may be just starting
    :return: the names of those that were removed
    """
    names = {match[1] for path in folder.glob('*fast*') if (match := _NAME.fullmatch(path.name))}
    return [name for name in sorted(names) if _remove_orphan(folder, name, least_age)]


def names_in_use(folder: Path = FOLDER) -> set[str]:
    """Return the names of the segments and ports that this process has, or sends to."""
    if not folder.is_dir():  # no Linux
        return set()
    lines = Path('/proc/self/maps').read_text(encoding='utf-8', errors='replace').splitlines()
    mapped = [Path(line.split(maxsplit=5)[-1]) for line in lines]
    found = [_NAME.fullmatch(path.name) for path in [*mapped, *_open_files()] if path.parent == folder]
    return {match[1] for match in found if match}


def remove_own(names: set[str], folder: Path = FOLDER, looks: int | None = None) -> None:
    """Remove what this process would leave, once it uses DDS no more or ends at once.

    :param names: from ``names_in_use``; one goes if this process holds it, or nobody does: a process that sends to a
        port which has just gone makes it again. A port that others have open stays
    :param looks: how often to look: a node that starts or ends has it open for a moment, to see whether it is of use;
        None for some, more on a busy machine, where that takes longer
    """
    left = set(names)
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    for look in range(round(_LOOKS * min(max(1.0, busy), _MOST_BUSY)) if looks is None else looks):
        if look:
            time.sleep(random.uniform(*_PAUSE))
        locks = [path for path in _open_files() if path.parent == folder and path.name.endswith(_LOCKS)]
        held = {path.name[:-3] for path in locks}
        left = {name for name in left if not _remove_own(folder, name, name in held)}
        if not left:
            return


def _remove_own(folder: Path, name: str, is_held: bool) -> bool:
    if is_held and not _is_mapped_elsewhere(folder, name):
        _unlink(_files(folder, name))
        return True
    return _remove_orphan(folder, name, least_age=0.0)


def remove_all_own(patience: float = PATIENCE) -> None:
    """Remove what this process would leave if it ended now, also what another thread makes meanwhile.

    Nodes that are ended together have each other's ports open. One that closes leaves the port of this process, which
    lives, and this one leaves it as long as the other has it open: so that it looks again, until the other has closed.

    :param patience: seconds for that
    """
    end = time.monotonic() + patience
    while (names := names_in_use()) and time.monotonic() < end:
        remove_own(names, looks=1)
        time.sleep(0.01)


def _open_files() -> list[Path]:
    paths = []
    for descriptor in os.listdir('/proc/self/fd'):
        with suppress(OSError):  # the one that lists them is closed by now
            paths.append(Path(os.readlink(f'/proc/self/fd/{descriptor}')))
    return paths


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()


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
            if not stack.enter_context(_mutex(f'/{name}_mutex')) or _is_mapped_elsewhere(folder, name):
                return False
            _unlink(files)
        except OSError:  # it lives, or has just been removed
            return False
    return True


def _is_old_and_own(path: Path, least_age: float) -> bool:
    status = path.stat()
    return status.st_uid == os.getuid() and time.time() - status.st_mtime >= least_age


def _is_mapped_elsewhere(folder: Path, name: str) -> bool:
    """Return whether a port is open in another process.

    Whoever sends to a port keeps it open. If it went, the next process with this port would make another one, and wait
    for what is sent to the first. A segment has a name that comes once, and may go while others read it.
    """
    if 'port' not in name:
        return False
    mapped = re.compile(rf'{re.escape(str(folder))}/(?:sem\.)?{name}(?:_mutex)?$', re.MULTILINE)
    for process in filter(str.isdigit, os.listdir('/proc')):
        with suppress(OSError):  # it has ended, or is another user's
            if process != str(os.getpid()) and mapped.search(
                Path('/proc', process, 'maps').read_text(errors='replace')
            ):
                return True
    return False


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
