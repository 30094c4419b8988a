"""What a running process uses, as Linux tells it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf('SC_CLK_TCK')
_SHARED = Path('/dev/shm')


@dataclass(frozen=True)
class ProcessUse:
    """What a process uses at one moment.

    :param memory: bytes, with its share of what it has in common with other processes (PSS)
    :param processor: seconds that all its threads have run so far
    :param descriptors: files and sockets that are open
    :param shared_files: files in shared memory that it has mapped or open
    """

    memory: int
    processor: float
    descriptors: int
    threads: int
    shared_files: int


def use_of(process: int) -> ProcessUse:
    """Return what a process uses.

    :param process: its id
    :raises OSError: it has ended, or belongs to another user
    """
    folder = Path('/proc', str(process))
    return ProcessUse(
        memory=_memory(folder),
        processor=_processor(folder),
        descriptors=len(os.listdir(folder / 'fd')),
        threads=len(os.listdir(folder / 'task')),
        shared_files=len(_shared_files(folder)),
    )


def processor_name() -> str:
    """Return the name of the processor; where Linux does not tell, the machine's architecture."""
    for line in Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines():
        if line.startswith('model name'):
            return line.split(':', 1)[1].strip()
    return os.uname().machine


def _memory(folder: Path) -> int:
    for line in (folder / 'smaps_rollup').read_text(encoding='ascii').splitlines():
        if line.startswith('Pss:'):
            return 1024 * int(line.split()[1])
    raise OSError(f'{folder}/smaps_rollup does not tell the memory')


def _processor(folder: Path) -> float:
    # The name of the process, in parentheses, may have spaces.
    fields = (folder / 'stat').read_text(encoding='utf-8', errors='replace').rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _shared_files(folder: Path) -> set[Path]:
    lines = (folder / 'maps').read_text(encoding='utf-8', errors='replace').splitlines()
    found = {Path(line.split(maxsplit=5)[-1]) for line in lines if f' {_SHARED}/' in line}
    for descriptor in os.listdir(folder / 'fd'):
        with suppress(OSError):  # closed by now
            found.add(Path(os.readlink(folder / 'fd' / descriptor)))
    return {path for path in found if path.is_relative_to(_SHARED)}
