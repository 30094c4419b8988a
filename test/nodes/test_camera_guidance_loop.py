"""Camera guidance and a simulated ECM close the loop over DDS: the target is centred, and every fault stops the arm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from mt3dnet_ros.demo.guidance.command import figures
from mt3dnet_ros.demo.guidance.plots import draw_result
from mt3dnet_ros.demo.guidance.run import endoscope, run_demo
from mt3dnet_ros.demo.guidance.scenario import CENTRING, ScenarioResult
from mt3dnet_ros.demo.guidance.steps import largest_accelerations, largest_speeds, within_limits
from mt3dnet_ros.demo.guidance.world import FRAME_STEPS, LATENCY
from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.settings import STOPPING_TIME, GuidanceSettings

pytestmark = pytest.mark.timeout(600)  # real time, of which simulated time is independent
PERIOD = 0.01
LIMITS = GuidanceSettings().limits
CAMERA = endoscope(60)
SIGHT = PERIOD * (FRAME_STEPS + LATENCY)  # until what can be seen has been perceived
REASONS = {
    'scale is lost': 'no_scale',
    'images stop': 'stale_target',
    'depth is NaN': 'unknown_depth',
    'dead-man released': 'dead_man',
    'joints freeze': 'not_following',
    'sources contradict': 'conflicting_scale',
}


@pytest.fixture(scope='module')
def result(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScenarioResult]:
    return run_demo(CAMERA, tmp_path_factory.mktemp('logs'))


def test_the_target_is_centred_within_3_seconds(result: ScenarioResult) -> None:
    assert result.centring.time < 3.0
    assert result.centring.overshoot <= 0.2


def test_no_command_exceeds_a_limit(result: ScenarioResult) -> None:
    turning, advance = largest_speeds(result.steps, PERIOD)
    assert 0.5 * LIMITS.turning_speed < turning <= LIMITS.turning_speed + 1e-9
    assert 0.5 * LIMITS.advance_speed < advance <= LIMITS.advance_speed + 1e-9
    turning, advance = largest_accelerations(result.steps, PERIOD)
    assert turning <= LIMITS.turning_acceleration + 1e-6
    assert advance <= LIMITS.advance_acceleration + 1e-6


def test_no_joint_is_faster_than_its_limit(result: ScenarioResult) -> None:
    fastest = np.abs([step.speeds for step in result.steps]).max(axis=0)
    assert (fastest <= np.append(LIMITS.speed, 0.0) + 1e-6).all()


def test_no_joint_leaves_its_range_and_the_roll_stays(result: ScenarioResult) -> None:
    assert within_limits(result.steps, *Ecm().limits)


@pytest.mark.parametrize('name', REASONS)
def test_a_fault_stops_the_motion_and_is_named(result: ScenarioResult, name: str) -> None:
    (fault,) = (fault for fault in result.faults if fault.name == name)
    before = [step for step in result.steps if fault.begin - 0.1 < step.time <= fault.begin]
    assert all(step.advancing if fault.of_advance else step.moving for step in before)
    unseen = SIGHT if name == 'sources contradict' else 0.0  # begins in an image, not in what is said of one
    assert fault.stopping_time <= STOPPING_TIME + unseen
    assert fault.reason == REASONS[name]


def test_without_a_source_of_the_scale_the_camera_turns_and_does_not_move_in_depth(result: ScenarioResult) -> None:
    steps = [step for step in result.steps if result.begin < step.time < result.begin + CENTRING]
    assert not any(step.advancing for step in steps)
    assert any(step.moving for step in steps)
    assert {step.advance for step in steps[50:]} == {'guessed_scale'}


def test_a_fault_of_the_scale_alone_does_not_stop_the_turning(result: ScenarioResult) -> None:
    faults = [fault for fault in result.faults if fault.of_advance]
    assert len(faults) == 2
    for fault in faults:
        during = [step for step in result.steps if fault.begin < step.time <= fault.end]
        assert all(step.moving and step.reason == 'none' for step in during)


def test_guidance_goes_on_after_every_fault(result: ScenarioResult) -> None:
    for fault in result.faults:
        after = [step for step in result.steps if fault.end + 0.4 < step.time < fault.end + 0.8]
        assert all(step.moving and step.reason == 'none' for step in after)


def test_the_story_can_be_drawn_and_told(result: ScenarioResult, tmp_path: Path) -> None:
    draw_result(tmp_path / 'guidance.png', result, CAMERA, LIMITS, 0.1)
    assert cv2.imread(str(tmp_path / 'guidance.png')).std() > 10.0
    for reason in REASONS.values():
        assert reason in figures(result)
