"""A signal interrupts a demo where that leaves nothing behind, and waits elsewhere."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from mt3dnet_ros.demo.interruption import SIGNALS, Interruption


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    before = [signal.getsignal(number) for number in SIGNALS]
    interruption = Interruption()
    interruption.listen()
    yield interruption
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize('number', SIGNALS)
def test_signal_interrupts(interruption: Interruption, number: int) -> None:
    with pytest.raises(KeyboardInterrupt), interruption.raising():
        send(number)
    assert not interruption.hurried


def test_signal_waits_until_a_node_can_be_ended(interruption: Interruption) -> None:
    done = []

    def demo() -> None:
        with interruption.raising():
            with interruption.held():
                send(signal.SIGINT)
                done.append('held')
            done.append('not reached')

    with pytest.raises(KeyboardInterrupt):
        demo()
    assert done == ['held']


def test_second_signal_hurries_what_is_being_ended(interruption: Interruption) -> None:
    hurried = []

    def demo() -> None:
        with interruption.held():
            try:
                with interruption.raising():
                    send(signal.SIGINT)
            finally:
                hurried.append(interruption.hurried)
                send(signal.SIGTERM)
                hurried.append(interruption.hurried)

    with pytest.raises(KeyboardInterrupt):
        demo()
    assert hurried == [False, True]


def test_interrupt_that_a_library_swallowed_comes_again(interruption: Interruption) -> None:
    def demo() -> None:
        with interruption.raising():
            with suppress(KeyboardInterrupt):
                send(signal.SIGINT)
            send(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        demo()


def test_nothing_interrupts_a_process_that_has_ended_its_demo(interruption: Interruption) -> None:
    interruption.end()
    for number in SIGNALS:
        send(number)
