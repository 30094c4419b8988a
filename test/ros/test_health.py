"""Counting what happens to frames, and judging it."""

from __future__ import annotations

import math

import pytest
from std_msgs.msg import Header

from mt3dnet_ros.ros.diagnostics import ERROR, OK, WARN, Finding, fill_diagnostics, health_values
from mt3dnet_ros.ros.health import WINDOW, Health, HealthMonitor


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def monitor(clock: Clock) -> HealthMonitor:
    return HealthMonitor(clock)


def run_stream(monitor: HealthMonitor, clock: Clock, seconds: float, every: int = 1) -> None:
    """Let 20 images a second arrive, of which every n-th is processed."""
    for number in range(int(20 * seconds)):
        clock.now += 0.05
        monitor.received()
        if number % every:
            monitor.dropped()
        else:
            monitor.processed(0.001 * (number % 101), {'network': 0.01, 'decode': 0.002})


def test_rates_are_taken_over_the_window(monitor: HealthMonitor, clock: Clock) -> None:
    run_stream(monitor, clock, 3 * WINDOW, every=4)
    health = monitor.snapshot()
    assert health.input_rate == pytest.approx(20.0, abs=0.3)
    assert health.output_rate == pytest.approx(5.0, abs=0.3)
    assert (health.received, health.processed, health.dropped) == (300, 75, 225)


def test_rates_are_right_before_the_window_is_full(monitor: HealthMonitor, clock: Clock) -> None:
    run_stream(monitor, clock, 1.0)
    assert monitor.snapshot().input_rate == pytest.approx(20.0, abs=0.1)


def test_rates_fall_to_zero_when_the_stream_ends(monitor: HealthMonitor, clock: Clock) -> None:
    run_stream(monitor, clock, 2.0)
    clock.now += 1.5 * WINDOW
    health = monitor.snapshot()
    assert (health.input_rate, health.output_rate) == (0.0, 0.0)
    assert health.silence == pytest.approx(1.5 * WINDOW)
    assert math.isnan(health.latency[0])
    assert health.stages == {}


def test_latency_has_median_and_tail(monitor: HealthMonitor) -> None:
    for milliseconds in range(101):
        monitor.processed(1e-3 * milliseconds, {})
    assert monitor.snapshot().latency == (pytest.approx(0.050), pytest.approx(0.099))


def test_frames_without_a_stamp_have_no_latency(monitor: HealthMonitor) -> None:
    monitor.processed(None, {})
    health = monitor.snapshot()
    assert health.processed == 1
    assert math.isnan(health.latency[0])


def test_the_last_rejection_is_kept(monitor: HealthMonitor) -> None:
    monitor.rejected('first')
    monitor.rejected('second')
    monitor.publish_failed('/points')
    health = monitor.snapshot()
    assert (health.rejected, health.rejection, health.publish_failures) == (2, 'second', 1)


def test_images_of_the_last_seconds_are_used_or_refused(monitor: HealthMonitor, clock: Clock) -> None:
    monitor.refused('old')
    clock.now += 1.5 * WINDOW
    monitor.processed(None, {})
    monitor.skipped()
    monitor.refused('8UC2')
    monitor.rejected('a CameraInfo')
    health = monitor.snapshot()
    assert (health.recently_used, health.recently_refused, health.refusal) == (2, 1, '8UC2')
    assert (health.rejected, health.rejection) == (3, 'a CameraInfo')


def test_failures_to_publish_are_recent_or_past(monitor: HealthMonitor, clock: Clock) -> None:
    monitor.publish_failed('/points')
    clock.now += 1.5 * WINDOW
    for topic in ('/overlay', '/points', '/overlay'):
        monitor.publish_failed(topic)
    health = monitor.snapshot()
    assert health.publish_failures == 4
    assert health.recent_failures == {'/overlay': 2, '/points': 1}


@pytest.mark.parametrize('end', ['processed', 'skipped', 'refused', 'restart_silence'])
def test_work_is_timed_until_it_ends(monitor: HealthMonitor, clock: Clock, end: str) -> None:
    monitor.working()
    clock.now += 7.0
    assert monitor.snapshot().in_work == pytest.approx(7.0)
    getattr(monitor, end)(*{'processed': (None, {}), 'refused': ('',)}.get(end, ()))
    assert monitor.snapshot().in_work == 0.0


def test_stages_are_medians(monitor: HealthMonitor) -> None:
    for seconds in (0.01, 0.02, 0.9):
        monitor.processed(None, {'network': seconds})
    assert monitor.snapshot().stages == {'network': 0.02}


def make_health(**changes: object) -> Health:
    values = {
        'silence': 0.1,
        'input_rate': 25.0,
        'output_rate': 20.0,
        'latency': (0.03, 0.05),
        'received': 10,
        'processed': 8,
        'dropped': 2,
        'rejected': 0,
        'rejection': '',
        'publish_failures': 0,
        'stages': {},
    }
    return Health(**(values | changes))


def test_diagnostics_have_the_worst_level_and_every_text() -> None:
    findings = [Finding('silence', WARN, 'no image'), Finding('state', ERROR, 'no checkpoint')]
    message = fill_diagnostics('perception', Header(), findings, {'input rate [Hz]': '25.0'}, 'cuda:0')
    status = message.status[0]
    assert (status.name, status.hardware_id, status.level) == ('perception', 'cuda:0', ERROR)
    assert status.message == 'no image; no checkpoint'
    assert [(pair.key, pair.value) for pair in status.values] == [('input rate [Hz]', '25.0')]
    assert fill_diagnostics('perception', Header(), [], {}).status[0].level == OK


def test_figures_are_shown_with_their_units() -> None:
    values = health_values(make_health(stages={'network': 0.0125}, rejection='too short'))
    assert values['latency median [ms]'] == '30.0'
    assert values['network [ms]'] == '12.50'
    assert values['frames dropped'] == '2'
    assert values['last rejection'] == 'too short'
