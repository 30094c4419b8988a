"""How often a node was started again after it had died, from one process to the next by a file beside ROS's logs."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mt3dnet_ros.json_text import parse_json
from mt3dnet_ros.ros.process.launch_process import VARIABLE

STABLE = 60.0  # seconds that a node lives without growing the next pause
LONGEST_PAUSE = 60.0  # seconds
_FATAL = 'Fatal Python error: '  # of faulthandler
_RAISED = 'Uncaught exception: '


@dataclass(frozen=True)
class Run:
    """One process of a node.

    :param pid: its process id; ``born`` tells it from a later one of that id
    :param started: seconds of the system's clock
    :param launch: process id of the launch that started it; empty without one
    :param count: starts after a death before this one, since launch or a person started the node
    :param quick: how many of the last ones came soon after one another
    :param report: of this process, in case it dies
    :param failure: why it ended by itself, as it could not work; empty while it runs
    :param last_cause: why the process before this one died; empty where it did not
    :param last_report: what that one left
    """

    pid: int
    born: str
    started: float
    launch: str
    report: str
    count: int = 0
    quick: int = 0
    failure: str = ''
    last_cause: str = ''
    last_report: str = ''

    @property
    def pause(self) -> float:
        """Seconds to wait before the node is made: launch knows a fixed delay only, so that this one grows."""
        return min(2.0 ** max(self.quick - 1, 0) - 1.0, LONGEST_PAUSE) if self.launch else 0.0


def begin_run(state: Path, report: Path) -> Run:
    """Return this process as a run of a node, counted after those before it, and keep it.

    :param state: the file that is kept from process to process
    """
    run = Run(os.getpid(), _born(os.getpid()), time.time(), os.environ.get(VARIABLE, ''), str(report))
    before = read_run(state)
    if before is not None and before.launch == run.launch and _born(before.pid) != before.born:
        lived = _last_sign(before) - before.started
        quick = before.quick + 1 if lived < STABLE else 1
        kept = before.report if Path(before.report).is_file() else ''
        run = replace(run, count=before.count + 1, quick=quick, last_cause=_cause(before), last_report=kept)
    keep_run(state, run)
    return run


def read_run(state: Path) -> Run | None:
    """Return what a process has kept; None where there is nothing, or nothing of use."""
    try:
        return Run(**parse_json(state.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def keep_run(state: Path, run: Run) -> None:
    """Keep a run for the next process, where that is possible."""
    partial = state.with_name(f'{state.name}.{os.getpid()}')
    with suppress(OSError):
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(asdict(run)), encoding='utf-8')
        partial.replace(state)


def end_run(state: Path) -> None:
    """Forget this process, which ended as it should; not one that was started meanwhile."""
    run = read_run(state)
    if run is not None and run.pid == os.getpid():
        with suppress(OSError):
            state.unlink()


def _born(pid: int) -> str:
    """Return when a process began, in the kernel's clock; empty where there is none that runs."""
    try:
        status = Path(f'/proc/{pid}/stat').read_text(encoding='utf-8', errors='replace').rpartition(')')[2].split()
    except OSError:
        return ''
    return '' if status[0] == 'Z' else status[19]


def _last_sign(run: Run) -> float:
    try:
        return Path(run.report).stat().st_mtime
    except OSError:
        return run.started


def _cause(run: Run) -> str:
    """Return why a process died, as far as it could say."""
    if run.failure:
        return run.failure
    with suppress(OSError):
        for line in reversed(Path(run.report).read_text(encoding='utf-8', errors='replace').splitlines()):
            if line.startswith((_FATAL, _RAISED)):
                return line.removeprefix(_FATAL).removeprefix(_RAISED)
    return 'killed, or ended without a word (SIGKILL, no memory left)'
