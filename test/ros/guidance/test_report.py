"""What diagnostics and the log say of guidance."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='needs ROS 2; `source .venv/ros.sh`')

from mt3dnet_ros.guidance.guide import Guide
from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.settings import GuidanceSettings
from mt3dnet_ros.perception.scale.depth_scale import GUESS, DepthScale, SupportingSource
from mt3dnet_ros.ros.diagnostics import ERROR, OK, WARN
from mt3dnet_ros.ros.guidance.report import describe_state, guidance_finding, guidance_values

SETTINGS = GuidanceSettings(resume_delay=0.0, dead_man_required=False, scale_confirmation=0.0)
KNOWN = DepthScale(1.1, 0.02, (SupportingSource('shaft', 1.1, 0.02, 0.0),))


def guide_with(scale: DepthScale | None) -> Guide:
    """Return a guide that is enabled, with good inputs and this scale."""
    guide = Guide(SETTINGS)
    guide.enable(True)
    guide.inputs.take_target(np.array([0.0, 0.0, 0.1]), stamp=1.0, confidence=1.0, now=1.0)
    guide.inputs.take_depth(np.full((8, 8), 0.1), stamp=1.0, now=1.0)
    if scale:
        guide.inputs.take_scale(scale, stamp=1.0, now=1.0)
    guide.assess(1.0)
    return guide


@pytest.mark.parametrize(
    ('scale', 'advance', 'remedy'),
    [
        (None, 'no_scale', "remap the topic scale to perception's depth/scale"),
        (GUESS, 'guessed_scale', 'give perception a source'),
        (DepthScale(1.1, 0.02, KNOWN.sources, ('shaft against robot',)), 'conflicting_scale', 'contradict each other'),
        (DepthScale(1.1, float('nan'), KNOWN.sources), 'bad_scale', 'not a number above zero'),
    ],
)
def test_a_camera_that_only_turns_is_a_warning_that_says_what_to_do(
    scale: DepthScale | None, advance: str, remedy: str
) -> None:
    guide = guide_with(scale)
    finding, values = guidance_finding(guide), guidance_values(guide)
    assert finding.level == WARN
    assert finding.text.startswith('guiding, but not in depth: ')
    assert remedy in finding.text
    assert (values['state'], values['reason'], values['advance']) == ('guiding', 'none', advance)


def test_with_a_scale_all_is_well_and_the_near_end_is_told() -> None:
    guide = guide_with(KNOWN)
    assert guidance_finding(guide).level == OK
    assert describe_state(guide) == 'guiding'
    values = guidance_values(guide)
    assert (values['advance'], values['nearest surface [m]'], values['its near end [m]']) == (
        'free',
        '0.1000',
        '0.0962',
    )


def test_what_ended_the_motion_in_depth_is_counted() -> None:
    guide = guide_with(KNOWN)
    guide.assess(1.08)
    assert guidance_values(guide)['stops: no_scale'] == '1'


def test_what_the_robot_says_is_told_until_someone_enables_again() -> None:
    guide = guide_with(KNOWN)
    guide.objections.note(Reason.UNHEARD, '/ECM/servo_jr has no subscriber')
    guide.assess(1.0)
    finding = guidance_finding(guide)
    assert finding.level == ERROR
    assert 'subscribes to the commands to the arm (/ECM/servo_jr has no subscriber); call ~/enable' in finding.text
    guide.objections.note(Reason.UNHEARD, '')
    guide.assess(1.0)
    assert 'no subscriber, which has ended); call ~/enable' in describe_state(guide)
    guide.enable(True)
    guide.assess(1.0)
    assert describe_state(guide) == 'guiding'
