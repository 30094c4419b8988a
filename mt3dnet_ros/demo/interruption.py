"""Ctrl-C, SIGTERM and SIGHUP during a demo: the first ends it in order, a second one kills its nodes.

Demos call ``listen`` before their imports, which take seconds; so nothing slow is imported here.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STATUS = 130  # of a process that was interrupted


class Interruption:
    """Where a signal becomes a KeyboardInterrupt, and where it waits: a node that was started must be ended."""

    def __init__(self) -> None:
        self._begun = self._raises = self._waits = self._received = False
        self.hurried = False  # a second signal came: nodes are not waited for

    def listen(self) -> None:
        """Take the signals; until ``raising`` they end the process at once."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
                signal.signal(number, self._receive)

    def end(self) -> None:
        """From now on let nothing interrupt the process: while Python ends, a signal would decide its status."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Let a signal raise KeyboardInterrupt, as far as ``held`` does not keep it back."""
        with self._mode(raises=True):
            yield

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let a signal wait for the end of this block."""
        with self._mode(raises=False):
            yield

    @contextmanager
    def _mode(self, raises: bool) -> Iterator[None]:
        before, self._raises, self._begun = self._raises, raises, True
        try:
            self._raise_what_waits()
            yield
        finally:
            self._raises = before
        self._raise_what_waits()

    def _receive(self, *_: object) -> None:
        if not self._begun:
            print('\ninterrupted', file=sys.stderr, flush=True)
            os._exit(STATUS)
        self.hurried, self._received, self._waits = self._received, True, True
        self._raise_what_waits()

    def _raise_what_waits(self) -> None:
        if self._waits and self._raises:
            self._waits = False
            raise KeyboardInterrupt


INTERRUPTION = Interruption()
