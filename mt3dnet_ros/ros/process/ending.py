"""Ctrl-C, SIGTERM and SIGHUP end a node's process quietly, with status 0, from its first import to its last breath.

Scripts call ``listen`` before the imports that take seconds; so nothing slow is imported here.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

from mt3dnet_ros.ros.process.launch_process import end_with_launch

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STARTING_GRACE = 1.0  # seconds that a node which is starting may take until it closes; a network loads longer
RUNNING_GRACE = 3.0  # seconds that a callback may take until it is given up
_LONGEST_MAKING = 8.0  # seconds that making a node may take until it is given up; launch kills after 10


class Ending:
    """The request to end this process.

    A thread waits for it: the main thread may be in an import, load a network or wait for messages, and an exception
    that came up anywhere in there would be lost, or leave half of something behind.
    """

    def __init__(self) -> None:
        self.requested = Event()
        self._lock = Lock()  # over what follows
        self._listening = False
        self._closing = Event()
        self._wake: Callable[[], None] | None = None  # makes the main thread look at ``requested``
        self._grace = STARTING_GRACE
        self._making = Lock()  # held while shared memory is made, which would stay behind
        self.last_word: Callable[[], None] | None = None  # called before the process ends at once

    def listen(self) -> None:
        """Have the signals end this process: at once, as long as it has nothing to close; called in the main thread."""
        with self._lock:
            if self._listening:
                return
            self._listening = True
        receiver, sender = os.pipe()
        os.set_blocking(sender, False)
        signal.set_wakeup_fd(sender, warn_on_full_buffer=False)
        for number in SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup has it ignored
                signal.signal(number, lambda *_: None)
        Thread(target=self._wait, args=(receiver,), name='ending', daemon=True).start()
        end_with_launch()

    def expect_close(self, wake: Callable[[], None], grace: float) -> None:
        """From now on, tell the main thread by ``wake``, and end at once only if it does not close in time.

        :param grace: seconds
        """
        with self._lock:
            self._wake, self._grace = wake, grace

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Have what is done here completed before the process ends, and not be cut off."""
        with self._making:
            yield

    def close(self) -> None:
        """Begin to close: from now on nothing interrupts the main thread, which calls this."""
        with self._lock:
            self._closing.set()
            self._wake = None
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _wait(self, receiver: int) -> None:
        os.read(receiver, 1)
        self.requested.set()
        with self._lock:
            if self._closing.is_set():
                return
            wake, grace = self._wake, self._grace
            if wake is None:
                self._say_last_word()
                os._exit(0)
        with suppress(Exception):  # what it wakes may be gone already
            wake()
        if self._closing.wait(grace):
            return
        with self._lock:
            if not self._closing.is_set():
                self._end_at_once()

    def _end_at_once(self) -> None:
        from mt3dnet_ros.ros.process.shared_memory import remove_all_own

        self._say_last_word()
        self._making.acquire(timeout=_LONGEST_MAKING)
        remove_all_own()
        for process in _children():
            with suppress(OSError):
                os.kill(process, signal.SIGTERM)
        os._exit(0)

    def _say_last_word(self) -> None:
        if self.last_word is not None:
            with suppress(Exception):
                self.last_word()


def _children() -> list[int]:
    """Return the ids of this process's children."""
    found: list[int] = []
    for task in os.listdir('/proc/self/task'):
        with suppress(OSError), open(f'/proc/self/task/{task}/children', encoding='ascii') as file:
            found += map(int, file.read().split())
    return found


ENDING = Ending()
