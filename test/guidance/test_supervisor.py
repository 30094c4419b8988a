"""When the camera may move, and what it takes after each kind of stop."""

from __future__ import annotations

import pytest

from mt3dnet_ros.guidance.reasons import Reason
from mt3dnet_ros.guidance.supervisor import State, Supervisor

PASSING = [Reason.DEAD_MAN, Reason.STALE_TARGET, Reason.JUMPING_TARGET, Reason.UNKNOWN_DEPTH, Reason.TOO_NEAR]
LATCHING = [Reason.ERROR, Reason.NO_JOINTS, Reason.NOT_FOLLOWING, Reason.INACTIVE]


@pytest.fixture
def guiding() -> Supervisor:
    supervisor = Supervisor(resume_delay=0.3)
    supervisor.enable(True)
    supervisor.update(0.0, [])
    assert supervisor.update(0.4, [])
    return supervisor


def test_it_is_disabled_until_it_is_enabled() -> None:
    supervisor = Supervisor(resume_delay=0.0)
    assert not supervisor.update(0.0, [])
    assert supervisor.state is State.DISABLED
    assert supervisor.reason is Reason.NOT_ENABLED


def test_all_must_be_well_for_a_while_before_it_guides() -> None:
    supervisor = Supervisor(resume_delay=0.3)
    supervisor.enable(True)
    assert [supervisor.update(time, []) for time in (0.0, 0.2, 0.31)] == [False, False, True]


@pytest.mark.parametrize('reason', PASSING)
def test_after_a_passing_reason_it_goes_on_by_itself(guiding: Supervisor, reason: Reason) -> None:
    assert not guiding.update(0.5, [reason])
    assert (guiding.state, guiding.reason) == (State.HOLDING, reason)
    assert not guiding.update(0.6, [])
    assert guiding.update(0.95, [])


@pytest.mark.parametrize('reason', LATCHING)
def test_after_a_latching_reason_it_waits_to_be_enabled(guiding: Supervisor, reason: Reason) -> None:
    assert not guiding.update(0.5, [reason])
    assert not guiding.update(9.0, [])
    assert (guiding.state, guiding.reason) == (State.DISABLED, reason)
    guiding.enable(True)
    assert not guiding.update(9.1, [])
    assert guiding.update(9.5, [])


def test_disabling_stops_at_once_and_takes_the_place_of_any_reason(guiding: Supervisor) -> None:
    guiding.update(0.5, [Reason.NOT_FOLLOWING])
    guiding.enable(False)
    assert not guiding.update(0.6, [])
    assert guiding.reason is Reason.NOT_ENABLED


def test_of_several_reasons_the_most_important_is_told(guiding: Supervisor) -> None:
    guiding.update(0.5, [Reason.STALE_DEPTH, Reason.NO_JOINTS, Reason.DEAD_MAN])
    assert guiding.reason is Reason.NO_JOINTS


def test_only_the_end_of_guidance_counts_as_a_stop(guiding: Supervisor) -> None:
    for time in (0.5, 0.6, 0.7):
        guiding.update(time, [Reason.DEAD_MAN])
    assert guiding.stops == {Reason.DEAD_MAN: 1}
    assert (guiding.last_stop.time, guiding.last_stop.reason) == (0.5, Reason.DEAD_MAN)


def test_enabling_again_while_it_guides_changes_nothing(guiding: Supervisor) -> None:
    guiding.enable(True)
    assert guiding.update(0.5, [])
