"""Processes of ours that end with the one that started them, however that ends."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

_PR_SET_PDEATHSIG = 1  # of Linux' <sys/prctl.h>
SPAWN = get_context('spawn')  # a fork would inherit DDS's threads half


def start_child(work: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Run a function in a process of its own, which Ctrl-C leaves to its parent to end."""
    process = SPAWN.Process(target=_run, args=(os.getpid(), work, arguments))
    process.start()
    return process


def end_child(process: BaseProcess, patience: float = 5.0) -> None:
    """Terminate a child, and kill it where that takes longer than ``patience`` seconds."""
    process.terminate()
    process.join(patience)
    if process.is_alive():
        process.kill()
        process.join()


def end_with_parent(parent: int, number: int) -> None:
    """Have this process get a signal when its parent ends.

    :param parent: its process id
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # before it could be asked for
        os.kill(os.getpid(), number)


def _run(parent: int, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(parent, signal.SIGKILL)
    work(*arguments)
