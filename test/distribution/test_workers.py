"""Work on items here and in other processes: the same results, warnings and errors."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from support.distributed_tasks import LacksAnExtra, Square

from mt3dnet_ros.distribution.errors import ClusterError, NotSharedError
from mt3dnet_ros.distribution.order import Order, do
from mt3dnet_ros.distribution.workers import Processes, ThisProcess, ignore
from mt3dnet_ros.errors import InputError, MissingExtraError

VERSION = '1.2.3'


@pytest.mark.parametrize('workers', [ThisProcess(), Processes(2)], ids=['here', 'processes'])
def test_results_come_in_the_order_of_the_items(workers: ThisProcess | Processes) -> None:
    assert list(workers.run(Square, range(5))) == [0, 1, 4, 9, 16]


def test_progress_is_told_in_units() -> None:
    told: list[int] = []
    assert list(ThisProcess().run(Square, [1, 2], told.append)) == [1, 4]
    assert told == [1, 1, 1, 1]


def test_an_outcome_carries_warnings_and_units() -> None:
    outcome = do(Square, 3, ignore)
    assert (outcome.result, outcome.units, outcome.error) == (9, 2, None)
    assert list(outcome.warnings) == [('3 is odd', UserWarning)]


@pytest.mark.parametrize(('task', 'kind'), [(Square, InputError), (LacksAnExtra, MissingExtraError)])
def test_an_outcome_carries_the_error_and_where_it_was_raised(task: type[Square], kind: type[Exception]) -> None:
    outcome = do(task, 5, ignore)
    assert type(outcome.error) is kind
    assert 'support/distributed_tasks.py' in outcome.traceback


class UnsendableError(Exception):
    """Cannot be made again of its words."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def fail(item: int, report: object) -> None:
    raise UnsendableError('what is wrong', f' with {item}')


def test_an_error_that_cannot_travel_keeps_its_words() -> None:
    assert str(do(lambda: fail, 1, ignore).error) == 'UnsendableError: what is wrong with 1'


def test_a_worker_of_another_version_refuses() -> None:
    with pytest.raises(ClusterError, match=r'has mt3dnet_ros 1.2.4, this machine 1.2.3; install one version'):
        Order(Square, VERSION, Path.cwd()).open('1.2.4')


def test_a_worker_that_does_not_see_the_data_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'data').mkdir()
    order = partial(Order, Square, VERSION, tmp_path)
    assert isinstance(order([Path('data'), tmp_path]).open(VERSION), Square)
    with pytest.raises(NotSharedError, match=r"'output' is not there on the worker node .* all nodes mount"):
        order([Path('data'), Path('output')]).open(VERSION)


def test_a_worker_works_in_the_folder_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir('/')
    Order(Square, VERSION, tmp_path).open(VERSION)
    assert Path.cwd() == tmp_path
    Order(Square, VERSION, tmp_path / 'elsewhere').open(VERSION)  # where all paths are absolute, it need not exist
