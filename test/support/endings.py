"""How node processes end, as tests look at it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from signal import SIGHUP

from support.ros_processes import NodeProcess
from support.ros_shared_memory import own_files


def catches_signals(process: int) -> bool:
    """Return whether the first lines of a script are done, which handle signals.

    :param process: its id
    """
    lines = Path(f'/proc/{process}/status').read_text().splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith('SigCgt'))
    return bool(caught >> (SIGHUP - 1) & 1)


def files_until_end(processes: Sequence[NodeProcess], timeout: float = 20.0) -> set[Path]:
    """Return the files in shared memory that processes have, from now until all have ended or time is up."""
    deadline, seen = time.monotonic() + timeout, set[Path]()
    while any(process.running for process in processes) and time.monotonic() < deadline:
        for process in processes:
            seen |= own_files(process.pid)
        time.sleep(0.01)
    return seen
