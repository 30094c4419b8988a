"""A section of the benchmark in a process of its own: what it imports and keeps is not in the way of the next one."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Generator, Iterator
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from mt3dnet_ros.demo.interruption import INTERRUPTION
from mt3dnet_ros.demo.processes import exit_status
from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.ros.process.launch_process import VARIABLE
from speed.child import SPAWN, end_with_parent
from speed.conditions import Conditions
from speed.findings import Finding
from speed.tables import Section

_PATIENCE = 20.0  # seconds that the end of its nodes may take


class BrokenSectionError(MT3DNetError, RuntimeError):
    """A section ended before it had measured all; the text says where its reason is."""


def findings_of(section: Section, conditions: Conditions, log: Path) -> Generator[Finding, None, None]:
    """Yield what a section finds; when this generator is closed, its process and its nodes have ended.

    :param log: file that takes what they print
    :raises BrokenSectionError: it ended before its time
    """
    receiver, sender = SPAWN.Pipe(duplex=False)
    with INTERRUPTION.held():
        process = SPAWN.Process(target=_measure, args=(os.getpid(), section.module, conditions, sender, log))
        process.start()
        sender.close()
        try:
            with INTERRUPTION.raising():
                yield from _received(receiver)
                process.join()
        finally:
            _end(process)
    if process.exitcode:
        raise BrokenSectionError(f'section {section.name} ended with status {process.exitcode}; its output is in {log}')


def _received(receiver: Connection) -> Iterator[Finding]:
    try:
        while True:
            yield receiver.recv()
    except EOFError:
        return


def _end(process: BaseProcess) -> None:
    """End it as Ctrl-C does; a second Ctrl-C of the user's hurries it."""
    deadline, signals = time.monotonic() + _PATIENCE, 0
    while process.is_alive() and time.monotonic() < deadline:
        if process.pid and signals <= INTERRUPTION.hurried:
            os.kill(process.pid, signal.SIGINT)
            signals += 1
        process.join(0.1)
    process.kill()
    process.join()


def _measure(parent: int, module: str, conditions: Conditions, sender: Connection, log: Path) -> None:
    os.setsid()  # Ctrl-C reaches the parent alone, which passes it on
    INTERRUPTION.listen()
    end_with_parent(parent, signal.SIGTERM)
    os.environ[VARIABLE] = str(os.getpid())  # its nodes end with it, even when it is killed
    with log.open('wb') as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)

    def work() -> None:
        for finding in import_module(f'speed.{module}').measure(conditions):
            sender.send(finding)

    status = exit_status(work)
    sender.close()
    INTERRUPTION.end()
    sys.exit(status)
