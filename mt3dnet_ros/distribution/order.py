"""What a worker process is told once, and how it does items of it; nothing here knows Ray."""

from __future__ import annotations

import os
import pickle
import socket
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mt3dnet_ros.distribution.errors import ClusterError, NotSharedError
from mt3dnet_ros.distribution.workers import Item, Report, Task
from mt3dnet_ros.errors import MT3DNetError

_REPORT_PERIOD = 0.5  # seconds


@dataclass(frozen=True)
class Order:
    """Work for processes of other machines.

    :param open_task: returns the task
    :param version: of this package on the machine that gives the order
    :param folder: in which it works; relative paths are meant from there
    :param paths: files and folders that a worker must see
    """

    open_task: Callable[[], Task]
    version: str
    folder: Path
    paths: Sequence[Path] = ()

    def open(self, version: str) -> Task:
        """Return the task in a worker process.

        :param version: of this package there
        :raises ClusterError: this machine cannot do what the other asks for
        """
        node = socket.gethostname()
        if version != self.version:
            raise ClusterError(
                f'the worker node {node} has mt3dnet_ros {version}, this machine {self.version}; install one version'
            )
        with suppress(OSError):  # all paths may be absolute
            os.chdir(self.folder)
        for path in self.paths:
            if not path.exists():
                raise NotSharedError(
                    f"'{path}' is not there on the worker node {node}; workers read and write the paths of the machine "
                    'that gives the work: keep data and output on a file system that all nodes mount at the same place '
                    '(NFS, a volume of Kubernetes)'
                )
        return self.open_task()


class ItemOutcome(NamedTuple):
    """What came of one item.

    :param result: of the task; None where it raised
    :param error: that it raised, and ``traceback`` where
    :param warnings: text and category
    :param units: of work that it reported
    :param attempt: 1, or more where workers died of the item, or with it
    """

    result: Any = None
    error: Exception | None = None
    traceback: str = ''
    warnings: Sequence[tuple[str, type[Warning]]] = ()
    units: int = 0
    attempt: int = 1


def do(open_task: Callable[[], Task[Item, Any]], item: Item, report: Report) -> ItemOutcome:
    """Do one item, and return whatever comes of it.

    :param report: is told of all units so far, every now and then
    """
    counter = _Counter(report)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('default')
        try:
            outcome = ItemOutcome(open_task()(item, counter))
        except Exception as error:
            outcome = ItemOutcome(error=_portable(error), traceback=traceback.format_exc())
    said = [(str(warning.message), warning.category) for warning in caught]
    return outcome._replace(warnings=said, units=counter.units)


class _Counter:
    """Counts units, and reports their number every now and then."""

    def __init__(self, report: Report) -> None:
        self.units = 0
        self._report, self._last = report, time.monotonic()

    def __call__(self, units: int) -> None:
        self.units += units
        if (now := time.monotonic()) - self._last >= _REPORT_PERIOD:
            self._last = now
            self._report(self.units)


def _portable(error: Exception) -> Exception:
    """Return an error that can be sent: itself, or one of its words."""
    with suppress(Exception):
        if type(pickle.loads(pickle.dumps(error))) is type(error):
            return error
    return MT3DNetError(f'{type(error).__name__}: {error}')
