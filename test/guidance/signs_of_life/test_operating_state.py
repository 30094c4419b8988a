"""An arm is ready only while all that tell its state say that it is enabled and homed."""

from __future__ import annotations

import pytest

from mt3dnet_ros.guidance.signs_of_life.operating_state import (
    IF_PUBLISHED,
    IGNORED,
    REQUIRED,
    OperatingState,
    ReadyArm,
)

READY = OperatingState('ENABLED', is_homed=True)


def arm(policy: str = REQUIRED, *publishers: str) -> ReadyArm:
    arm = ReadyArm(policy, '/ECM/operating_state')
    arm.keep(set(publishers))
    return arm


def test_an_arm_that_says_so_is_ready() -> None:
    ready = arm(REQUIRED, 'driver')
    assert 'has told nothing yet' in ready.objection
    ready.take(READY, 'driver')
    assert ready.objection == ''
    assert ready.text == 'ENABLED, homed'


@pytest.mark.parametrize(
    ('state', 'words'),
    [
        (OperatingState('DISABLED', is_homed=True), 'says DISABLED, not ENABLED: enable and home the arm'),
        (OperatingState('ENABLED', is_homed=False), 'says not homed'),
        (OperatingState('FAULT', is_homed=False), 'says FAULT, not ENABLED, and not homed'),
        (OperatingState('enabled', is_homed=True), 'says enabled, not ENABLED'),
        (OperatingState('', is_homed=True), 'says nothing, not ENABLED'),
    ],
)
def test_any_other_state_is_named(state: OperatingState, words: str) -> None:
    ready = arm(REQUIRED, 'driver')
    ready.take(state, 'driver')
    assert words in ready.objection


def test_of_several_publishers_the_one_that_is_not_ready_counts() -> None:
    ready = arm(REQUIRED, 'driver', 'other')
    ready.take(READY, 'driver')
    assert 'has told nothing yet' in ready.objection
    ready.take(OperatingState('PAUSED', is_homed=True), 'other')
    assert 'PAUSED' in ready.objection


@pytest.mark.parametrize('publisher', ['driver', None])
def test_what_it_said_is_forgotten_with_its_publisher(publisher: str | None) -> None:
    ready = arm(REQUIRED, 'driver')
    ready.take(READY, publisher)
    assert ready.objection == ''
    ready.keep(set())
    assert 'nobody publishes /ECM/operating_state' in ready.objection
    ready.keep({'driver' if publisher is None else 'another'})
    assert 'has told nothing yet' in ready.objection


def test_a_word_may_come_before_its_publisher_is_known() -> None:
    ready = arm(REQUIRED)
    ready.take(READY, 'driver')
    ready.keep({'other'})
    assert 'has told nothing yet' in ready.objection
    ready.keep({'driver'})
    assert ready.objection == ''


def test_an_arm_without_the_topic_is_taken_where_that_is_allowed() -> None:
    assert 'set dvrk.operating_state to if_published' in arm(REQUIRED).objection
    assert arm(IF_PUBLISHED).objection == ''
    assert 'has told nothing yet' in arm(IF_PUBLISHED, 'driver').objection


def test_a_state_that_cannot_be_read_is_no_state() -> None:
    ready = arm(IF_PUBLISHED, 'driver')
    ready.unreadable = 'crtk_msgs is not installed'
    ready.take(READY, 'driver')
    assert ready.objection == '/ECM/operating_state cannot be read: crtk_msgs is not installed'


def test_at_ones_own_risk_nothing_is_asked() -> None:
    ready = arm(IGNORED, 'driver')
    ready.take(OperatingState('FAULT', is_homed=False), 'driver')
    assert ready.objection == ''
