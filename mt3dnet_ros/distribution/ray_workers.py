"""Workers on a Ray cluster: one that dies is replaced, and its item is done again from the start."""

from __future__ import annotations

import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from mt3dnet_ros import __version__
from mt3dnet_ros.distribution.errors import ClusterWarning, RemoteTracebackError, WorkerLostError
from mt3dnet_ros.distribution.order import ItemOutcome, Order, do
from mt3dnet_ros.distribution.workers import Item, Report, Result, Task
from mt3dnet_ros.errors import needs_extra

_ATTEMPTS_MORE = 3  # after the first, where a worker dies
_POLL = 0.5  # seconds
_BEGUN = 2  # items per place, so that none waits for the next one
_COUNT_PERIOD = 10.0  # seconds: a cluster may grow and shrink
_LEAST_BEGUN = 4  # where the cluster has no place yet, but may grow by demand
_SLOW_START = 60.0  # seconds


class Needs(NamedTuple):
    """What a task takes of a node.

    :param cpus: how many; fewer where the largest node has fewer
    :param gpus: how many; None for one where the cluster has any
    """

    cpus: int = 1
    gpus: int | None = 0


class RayWorkers:
    """Workers of a cluster.

    :param ray: the module, connected
    :param needs: of each task; ``needs`` says what the cluster gives it
    :param paths: files and folders of this machine that every worker must see
    """

    def __init__(self, ray: Any, needs: Needs, paths: Sequence[Path] = ()) -> None:
        self._ray, self._paths = ray, paths
        largest = {kind: max((int(node.get(kind, 0)) for node in _nodes(ray)), default=0) for kind in ('CPU', 'GPU')}
        gpus = min(1, largest['GPU']) if needs.gpus is None else needs.gpus
        self.needs = Needs(min(needs.cpus, largest['CPU']) or needs.cpus, gpus)

    def run(
        self,
        open_task: Callable[[], Task[Item, Result]],
        items: Sequence[Item],
        advance: Report | None = None,
        backlog: int | None = None,
    ) -> Generator[Result, None, None]:
        """Yield the result for each item, in order; see ``Workers``.

        :raises WorkerLostError: the worker of an item died again and again
        :raises ClusterError: a worker cannot do what this machine asks for
        """
        order = Order(open_task, __version__, Path.cwd(), self._paths)
        yield from _Run(self._ray, self.needs, order, items, advance, backlog).results()


class _Run:
    """One task on many items."""

    def __init__(
        self, ray: Any, needs: Needs, order: Order, items: Sequence[Any], advance: Report | None, backlog: int | None
    ) -> None:
        self._ray, self._items, self._advance, self._backlog = ray, items, advance, backlog
        self._places = _Places(ray, needs)
        self._work = ray.remote(_work).options(num_cpus=needs.cpus, num_gpus=needs.gpus, max_retries=_ATTEMPTS_MORE)
        # In a list a reference stays one: each process gets the order once, not with every item.
        self._order = [ray.put(order)]
        self._board = ray.remote(_Board).options(num_cpus=0, max_restarts=-1).remote() if advance else None
        self._running: dict[Any, int] = {}  # items by what will be their outcome
        self._ended: dict[int, Any] = {}
        self._units, self._shown, self._again = 0, 0, 0

    def results(self) -> Generator[Any, None, None]:
        waiting = deque(range(len(self._items)))
        for due in range(len(self._items)):
            while due not in self._ended:
                self._begin(waiting, due)
                self._wait()
            yield self._take(due)
        self._show(0)
        if self._again:
            again = f'{self._again} of {len(self._items)} items were begun again, because their workers died'
            warnings.warn(again, ClusterWarning, stacklevel=2)

    def _begin(self, waiting: deque[int], due: int) -> None:
        places = self._places.count()
        most = max(_BEGUN * places, _LEAST_BEGUN)
        last = len(self._items) if self._backlog is None else due + most + self._backlog * places
        while waiting and len(self._running) < most and waiting[0] <= last:
            index = waiting.popleft()
            self._running[self._work.remote(self._order, self._items[index], index, self._board)] = index

    def _wait(self) -> None:
        ready, _ = self._ray.wait([*self._running], num_returns=1, timeout=_POLL)
        for reference in ready:
            self._ended[self._running.pop(reference)] = reference
        if not ready:
            self._places.complain_if_none()
        if self._board:
            self._show(self._told(self._board))

    def _told(self, board: Any) -> int:
        """Return the units that running items have reported."""
        try:
            return int(self._ray.get(board.total.remote([*self._running.values()]), timeout=_POLL))
        except (self._ray.exceptions.RayError, TimeoutError):  # it comes back by itself
            return max(0, self._shown - self._units)

    def _show(self, running: int) -> None:
        if self._advance and (more := self._units + running - self._shown):
            self._shown += more
            self._advance(more)

    def _take(self, index: int) -> Any:
        """Return the result of an item, or raise what its task raised; say what it warned of."""
        try:
            outcome: ItemOutcome = self._ray.get(self._ended.pop(index))
        except self._ray.exceptions.RayError as error:
            raise self._lost(self._items[index], error) from error
        self._units += outcome.units
        self._again += outcome.attempt > 1
        for text, category in outcome.warnings:
            warnings.warn(text, category, stacklevel=2)
        if outcome.error:
            raise outcome.error from RemoteTracebackError(outcome.traceback)
        return outcome.result

    def _lost(self, item: Any, error: Exception) -> WorkerLostError:
        cause = getattr(error, 'cause', None) or error
        reason = str(cause).strip().splitlines()[0]
        if isinstance(cause, ModuleNotFoundError):
            return WorkerLostError(f'{reason} on a worker node; install mt3dnet_ros {__version__} on all nodes')
        return WorkerLostError(
            f"no worker could finish '{item}': {type(cause).__name__}: {reason}; see whether the nodes have memory "
            'enough for it, and the logs of Ray'
        )


class _Places:
    """How many tasks a cluster has room for."""

    def __init__(self, ray: Any, needs: Needs) -> None:
        self._ray, self._needs = ray, needs
        self._counted, self._since, self._count = -_COUNT_PERIOD, time.monotonic(), 0

    def count(self) -> int:
        """Return the number of tasks that all nodes can run at a time."""
        if time.monotonic() - self._counted >= _COUNT_PERIOD:
            self._counted = time.monotonic()
            self._count = sum(map(self._of_node, _nodes(self._ray)))
        return self._count

    def complain_if_none(self) -> None:
        """Warn once where no node can run a task, which may change."""
        if self._count == 0 and time.monotonic() - self._since > _SLOW_START:
            self._since = float('inf')
            gpus = f' and {self._needs.gpus} GPU' if self._needs.gpus else ''
            warnings.warn(
                f'no node of the cluster has {self._needs.cpus} CPU{gpus}; waiting for one',
                ClusterWarning,
                stacklevel=2,
            )

    def _of_node(self, node: dict[str, float]) -> int:
        gpus = node.get('GPU', 0.0) // self._needs.gpus if self._needs.gpus else float('inf')
        return int(min(node.get('CPU', 0.0) // self._needs.cpus, gpus))


def _nodes(ray: Any) -> list[dict[str, float]]:
    """Return what each living node has."""
    return [node['Resources'] for node in ray.nodes() if node['Alive']]


class _Board:
    """Where running tasks report their progress; an item that is begun again starts from nothing."""

    def __init__(self) -> None:
        self._units: dict[int, int] = {}

    def report(self, item: int, units: int) -> None:
        """Take the number of units of an item so far."""
        self._units[item] = units

    def total(self, items: Sequence[int]) -> int:
        """Return the units of these items, and forget the others."""
        self._units = {item: self._units.get(item, 0) for item in items}
        return sum(self._units.values())


def _work(order: Sequence[Any], item: Any, index: int, board: Any) -> ItemOutcome:
    """Do one item in a process of the cluster."""
    with needs_extra('ray'):
        import ray._private.worker

    if board is not None:
        board.report.remote(index, 0)  # what an earlier attempt has told is not so any more
    outcome = do(lambda: _open(order[0]), item, lambda units: board and board.report.remote(index, units))
    worker: Any = ray._private.worker.global_worker
    earlier = worker.core_worker.get_current_task_attempt_number()
    return outcome._replace(attempt=1 + earlier)


@lru_cache(maxsize=1)
def _open(order: Any) -> Task:
    """Return the task of an order, by its reference; it is opened once in a process."""
    with needs_extra('ray'):
        import ray
    found: Order = ray.get(order)
    return found.open(__version__)
