"""The worker that never queues."""

from __future__ import annotations

import threading
import time

import pytest

from mt3dnet_ros.ros.latest import LatestWorker


class Slow:
    """Work that waits until it is let go, and remembers what it did."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.started = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, item: int) -> None:
        self.started.release()
        assert self.go.acquire(timeout=5.0)
        self.done.append(item)


@pytest.fixture
def errors() -> list[Exception]:
    return []


class Drops:
    """How many items were dropped."""

    count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def drops() -> Drops:
    return Drops()


def test_a_late_item_replaces_the_waiting_one(errors: list[Exception], drops: Drops) -> None:
    work = Slow()
    worker = LatestWorker(work, errors.append, drops)
    worker.put(1)
    assert work.started.acquire(timeout=5.0)
    for item in (2, 3, 4):
        worker.put(item)
    work.go.release(2)
    assert work.started.acquire(timeout=5.0)
    assert worker.stop(5.0)
    assert (work.done, drops.count) == ([1, 4], 2)


def test_an_error_is_reported_and_the_next_item_worked_on(errors: list[Exception], drops: Drops) -> None:
    done = threading.Event()

    def work(item: int) -> None:
        if item == 0:
            raise ValueError('bad item')
        done.set()

    worker = LatestWorker(work, errors.append, drops)
    worker.put(0)
    deadline = time.monotonic() + 5.0
    while not errors and time.monotonic() < deadline:
        time.sleep(0.001)
    worker.put(1)
    assert done.wait(5.0)
    assert [str(error) for error in errors] == ['bad item']
    assert worker.stop(5.0)


def test_stop_drops_and_counts_what_waits(errors: list[Exception], drops: Drops) -> None:
    work = Slow()
    worker = LatestWorker(work, errors.append, drops)
    worker.put(1)
    assert work.started.acquire(timeout=5.0)
    worker.put(2)
    assert not worker.stop(0.05)  # still busy with the first
    work.go.release(2)
    assert worker.stop(5.0)
    assert (work.done, drops.count) == ([1], 1)


def test_an_idle_worker_stops_at_once(errors: list[Exception], drops: Drops) -> None:
    start = time.monotonic()
    assert LatestWorker(print, errors.append, drops).stop(5.0)
    assert time.monotonic() - start < 1.0
