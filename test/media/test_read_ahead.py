"""Items are drawn ahead, in bounded number, and errors arrive where items are taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from mt3dnet_ros.media.read_ahead import ReadAhead


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def take_all(ahead: ReadAhead[int]) -> list[int]:
    taken: list[int] = []
    deadline = time.monotonic() + 5.0
    while not ahead.ended and time.monotonic() < deadline:
        if (item := ahead.take()) is not None:
            taken.append(item)
    return taken


def test_every_item_comes_in_order() -> None:
    assert take_all(ReadAhead(range(1, 101))) == list(range(1, 101))


def test_draws_no_further_ahead_than_asked() -> None:
    drawn: list[int] = []
    ahead = ReadAhead((drawn.append(i) or i for i in range(1, 100)), depth=3)
    wait_for(lambda: len(drawn) >= 4)  # three wait, one is in its hands
    time.sleep(0.05)
    assert len(drawn) == 4
    assert ahead.take() == 1
    wait_for(lambda: len(drawn) == 5)
    ahead.close()


def test_live_source_keeps_the_newest_and_counts_the_others() -> None:
    ahead = ReadAhead(range(1, 51), newest_only=True)
    wait_for(lambda: ahead.replaced == 49)
    assert take_all(ahead) == [50]


def test_error_arrives_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError('broken')

    ahead = ReadAhead(items())
    wait_for(lambda: ahead.take() == 1)

    def take_until_error() -> bool:
        ahead.take()
        return False

    with pytest.raises(ValueError, match='broken'):
        wait_for(take_until_error)


def test_closing_ends_an_endless_source() -> None:
    def endless() -> Iterator[int]:
        while True:
            yield 1

    ahead = ReadAhead(endless())
    ahead.close()
    assert not ahead._thread.is_alive()
