"""Tasks that tests let workers do, in processes that import them from here."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from mt3dnet_ros.errors import InputError, MissingExtraError


class Square:
    """Squares numbers, warns of 3 and refuses 5; each of its numbers is two units of work."""

    def __call__(self, number: int, report: Callable[[int], object]) -> int:
        """Return the square of a number."""
        report(1)
        if number == 3:
            warnings.warn('3 is odd', UserWarning, stacklevel=1)
        if number == 5:
            raise InputError('5 is too much')
        report(1)
        return number * number


class DiesOnce:
    """Writes a line for each number that it does; the first process that is given 1 dies of it.

    :param folder: in which it notes the number, and that it has died
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, number: int, report: Callable[[int], object]) -> tuple[int, int]:
        """Return the number and the id of the process."""
        for _ in range(4):
            time.sleep(0.2)
            report(1)
        if number == 1 and not (self._folder / 'died').exists():
            (self._folder / 'died').touch()
            os.kill(os.getpid(), signal.SIGKILL)
        with (self._folder / 'done').open('a') as lines:
            lines.write(f'{number}\n')
        return number, os.getpid()


class AlwaysDies:
    """Dies of every number."""

    def __call__(self, number: int, report: Callable[[int], object]) -> None:
        """Die."""
        os.kill(os.getpid(), signal.SIGKILL)


class LacksAnExtra:
    """Needs what is not installed."""

    def __call__(self, number: int, report: Callable[[int], object]) -> None:
        """Raise an error whose arguments are not its message."""
        raise MissingExtraError('nothing', 'render')
