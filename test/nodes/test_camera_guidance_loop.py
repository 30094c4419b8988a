"""Camera guidance and a simulated ECM close the loop over DDS: the target is centred, and every fault stops the arm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from mt3dnet_ros.demo.guidance.command import figures
from mt3dnet_ros.demo.guidance.plots import draw_story
from mt3dnet_ros.demo.guidance.record import largest_accelerations, largest_speeds, within_limits
from mt3dnet_ros.demo.guidance.run import endoscope, run_story
from mt3dnet_ros.demo.guidance.story import Story
from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.settings import STOPPING_TIME, GuidanceSettings

pytestmark = pytest.mark.timeout(600)  # real time, of which simulated time is independent
PERIOD = 0.01
LIMITS = GuidanceSettings().limits
CAMERA = endoscope(60)
REASONS = {
    'images stop': 'stale_target',
    'depth is NaN': 'unknown_depth',
    'dead-man released': 'dead_man',
    'joints freeze': 'not_following',
}


@pytest.fixture(scope='module')
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    return run_story(CAMERA, tmp_path_factory.mktemp('logs'))


def test_the_target_is_centred_within_3_seconds(story: Story) -> None:
    assert story.centring.time < 3.0
    assert story.centring.overshoot <= 0.2


def test_no_command_exceeds_a_limit(story: Story) -> None:
    turning, advance = largest_speeds(story.moments, PERIOD)
    assert 0.5 * LIMITS.turning_speed < turning <= LIMITS.turning_speed + 1e-9
    assert 0.5 * LIMITS.advance_speed < advance <= LIMITS.advance_speed + 1e-9
    turning, advance = largest_accelerations(story.moments, PERIOD)
    assert turning <= LIMITS.turning_acceleration + 1e-6
    assert advance <= LIMITS.advance_acceleration + 1e-6


def test_no_joint_is_faster_than_its_limit(story: Story) -> None:
    fastest = np.abs([moment.speeds for moment in story.moments]).max(axis=0)
    assert (fastest <= np.append(LIMITS.speed, 0.0) + 1e-6).all()


def test_no_joint_leaves_its_range_and_the_roll_stays(story: Story) -> None:
    assert within_limits(story.moments, *Ecm().limits)


@pytest.mark.parametrize('name', REASONS)
def test_a_fault_stops_the_motion_and_is_named(story: Story, name: str) -> None:
    (fault,) = (fault for fault in story.faults if fault.name == name)
    before = [moment for moment in story.moments if fault.begin - 0.1 < moment.time <= fault.begin]
    assert all(moment.moving for moment in before)
    assert fault.stopping_time <= STOPPING_TIME
    assert fault.reason == REASONS[name]


def test_guidance_goes_on_after_every_fault(story: Story) -> None:
    for fault in story.faults:
        after = [moment for moment in story.moments if fault.end + 0.4 < moment.time < fault.end + 0.8]
        assert all(moment.moving and moment.reason == 'none' for moment in after)


def test_the_story_can_be_drawn_and_told(story: Story, tmp_path: Path) -> None:
    draw_story(tmp_path / 'guidance.png', story, CAMERA, LIMITS, 0.1)
    assert cv2.imread(str(tmp_path / 'guidance.png')).std() > 10.0
    for reason in REASONS.values():
        assert reason in figures(story)
