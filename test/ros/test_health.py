"""Counting what happens to frames, and judging it."""

from __future__ import annotations

import math

import pytest
from std_msgs.msg import Header

from mt3dnet_ros.ros.diagnostics import ERROR, OK, WARN, Finding, fill_diagnostics, health_values, judge
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
        monitor.received(replaced=number % every != 0)
        if number % every == 0:
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
    monitor.publish_failed()
    health = monitor.snapshot()
    assert (health.rejected, health.rejection, health.publish_failures) == (2, 'second', 1)


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


def test_a_healthy_node_has_no_findings() -> None:
    assert judge(make_health(), 2.0, '/image', '') == []


def test_silence_is_a_warning_that_names_the_source() -> None:
    findings = judge(make_health(silence=3.2), 2.0, '/cam/image_raw (reliable wanted; no publishers)', 'no CameraInfo')
    assert findings == [Finding('silence', WARN, 'no image for 3 s on /cam/image_raw (reliable wanted; no publishers)')]


def test_a_missing_calibration_is_none_of_ones_business_before_the_first_image() -> None:
    assert judge(make_health(received=0), 2.0, '/image', 'no CameraInfo has arrived') == []


def test_a_missing_calibration_is_a_warning_with_the_reason() -> None:
    findings = judge(make_health(), 2.0, '/image', 'the camera is not calibrated')
    assert findings[0].level == WARN
    assert 'the camera is not calibrated' in findings[0].text


@pytest.mark.parametrize(('median', 'warns'), [(0.0, False), (9.0, False), (-1.0, True), (1e9, True)])
def test_a_latency_that_cannot_be_says_that_clocks_differ(median: float, warns: bool) -> None:
    findings = judge(make_health(latency=(median, median)), 2.0, '/image', '')
    assert warns is any('use_sim_time' in finding.text for finding in findings)


def test_images_without_a_stamp_are_a_warning_while_they_come() -> None:
    unknown = (math.nan, math.nan)
    (finding,) = judge(make_health(latency=unknown), 2.0, '/image', '')
    assert (finding.kind, finding.level) == ('stamp', WARN)
    assert judge(make_health(latency=unknown, output_rate=0.0), 2.0, '/image', '') == []


def test_what_the_network_has_nothing_for_is_named_with_the_remedy() -> None:
    (finding,) = judge(make_health(), 2.0, '/image', '', ['scanpath', 'gaze'])
    assert finding.level == WARN
    assert 'no data for scanpath, gaze: the network has no saliency branch' in finding.text
    assert 'checkpoint' in finding.text


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
