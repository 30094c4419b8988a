"""A simulated clock that never starts, runs, and stops."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from rclpy.time import Time

from mt3dnet_ros.ros.diagnostics import WARN
from mt3dnet_ros.ros.monitoring.clock import ClockMonitor


@dataclass
class RosTime:
    """A node's clock, and a steady one beside it."""

    nanoseconds: int = 0
    steady: float = 7.0
    ros_time_is_active: bool = True

    def now(self) -> Time:
        return Time(nanoseconds=self.nanoseconds)


@pytest.fixture
def clock() -> RosTime:
    return RosTime()


@pytest.fixture
def monitor(clock: RosTime) -> ClockMonitor:
    return ClockMonitor(clock, lambda: clock.steady)


def reports(monitor: ClockMonitor, clock: RosTime, step: int, count: int = 5) -> list[str]:
    """Let a second pass between reports, and the node's clock go on by a step; return the last findings."""
    for _ in range(count):
        clock.steady += 1.0
        clock.nanoseconds += step
        findings = monitor.findings()
    assert all(finding.level == WARN for finding in findings)
    return [finding.text for finding in findings]


def test_a_clock_that_never_starts_is_named(monitor: ClockMonitor, clock: RosTime) -> None:
    (text,) = reports(monitor, clock, 0)
    assert text.startswith('use_sim_time is set, but nothing has come on /clock')


def test_a_clock_that_runs_is_silent_even_when_it_is_slow_or_goes_back(monitor: ClockMonitor, clock: RosTime) -> None:
    clock.nanoseconds = 10**12
    assert reports(monitor, clock, 1_000_000) == []
    assert reports(monitor, clock, -1_000_000) == []


def test_a_clock_that_stops_is_named_with_its_time(monitor: ClockMonitor, clock: RosTime) -> None:
    reports(monitor, clock, 1_500_000_000, 2)
    (text,) = reports(monitor, clock, 0, 4)
    assert text.startswith('/clock has stood at 3.000 s for 4 s')


def test_the_clock_of_the_computer_is_nobodys_business(monitor: ClockMonitor, clock: RosTime) -> None:
    clock.ros_time_is_active = False
    assert reports(monitor, clock, 0) == []
