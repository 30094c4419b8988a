"""Whether the node's clock runs: under ``use_sim_time`` it is somebody else's."""

from __future__ import annotations

import time
from collections.abc import Callable

from rclpy.clock import Clock

from mt3dnet_ros.ros.diagnostics import WARN, Finding
from mt3dnet_ros.ros.messages.headers import SECOND

PATIENCE = 2.0  # seconds that a simulated clock may stand


class ClockMonitor:
    """Compares the node's clock with a steady one, from one report to the next.

    :param clock: of the node; a ``ROSClock``, as that of every node is
    :param steady: in seconds
    """

    def __init__(self, clock: Clock, steady: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._steady = steady
        self._last = -1  # ns
        self._since = 0.0

    def findings(self) -> list[Finding]:
        """Return what is wrong with the clock; to be called regularly."""
        now, steady = self._clock.now().nanoseconds, self._steady()
        if now != self._last or not getattr(self._clock, 'ros_time_is_active', False):
            self._last, self._since = now, steady
        stood = steady - self._since
        if stood < PATIENCE:
            return []
        if now == 0:
            text = 'use_sim_time is set, but nothing has come on /clock'
        else:
            text = f'/clock has stood at {now / SECOND:.3f} s for {stood:.0f} s'
        return [Finding('clock', WARN, f'{text}: run what publishes it, or set use_sim_time to false')]
