"""What works on items one by one, wherever it runs: the same results in the same order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

Item = TypeVar('Item')
Result = TypeVar('Result')

Report = Callable[[int], object]
"""Is told of so many more units of work that are done, such as pictures; a number below 0 takes some back."""

Task = Callable[[Item, Report], Result]
"""Works on one item, and reports the units that it gets done."""


class Workers(Protocol):
    """Runs a task on items."""

    def run(
        self,
        open_task: Callable[[], Task[Item, Result]],
        items: Sequence[Item],
        advance: Report | None = None,
        backlog: int | None = None,
    ) -> Generator[Result, None, None]:
        """Yield the result for each item, in order.

        What an item gives must not depend on the items before it: a process is given any of them.

        :param open_task: returns the task; called once in each process, so that it may load what all items need. To
            reach another process it must be picklable, and so must items and results
        :param advance: is told of the progress, while results are waited for
        :param backlog: results per worker that may wait for an earlier one; None for any number
        :raises Exception: what the task raised, first of the first item that it fails on
        """


class ThisProcess:
    """Does one item after the other, right here."""

    def run(
        self,
        open_task: Callable[[], Task[Item, Result]],
        items: Sequence[Item],
        advance: Report | None = None,
        backlog: int | None = None,
    ) -> Generator[Result, None, None]:
        """Yield the result for each item, in order; see :class:`Workers`."""
        task = open_task()
        return (task(item, advance or ignore) for item in items)


class Processes:
    """Processes of this machine; of their progress only whole results are seen.

    :param count: how many
    :param chunk: items that one is given at a time
    """

    def __init__(self, count: int, chunk: int = 1) -> None:
        self._count, self._chunk = count, chunk

    def run(
        self,
        open_task: Callable[[], Task[Item, Result]],
        items: Sequence[Item],
        advance: Report | None = None,
        backlog: int | None = None,
    ) -> Generator[Result, None, None]:
        """Yield the result for each item, in order; see :class:`Workers`."""
        with get_context('spawn').Pool(self._count, _open, (open_task,)) as pool:
            yield from pool.imap(_work, items, self._chunk)


def ignore(units: int) -> None:
    """Take a report and do nothing with it."""


_opened: dict[str, Task] = {}  # of a process of a pool


def _open(open_task: Callable[[], Task]) -> None:
    _opened['task'] = open_task()


def _work(item: Any) -> Any:
    return _opened['task'](item, ignore)
