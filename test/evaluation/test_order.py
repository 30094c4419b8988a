"""Frames are evaluated in the order in which a camera would send them."""

from __future__ import annotations

import pytest

from mt3dnet_ros.evaluation.order import EvaluationStep, in_order, spread

NAMES = ('b/f0001', 'still', 'a/f0000', 'b/f0000', 'a/f0001', 'a/f0003')


def test_frames_of_a_sequence_follow_each_other_and_stills_come_last():
    steps = in_order(NAMES)
    assert [NAMES[step.frame] for step in steps] == ['b/f0000', 'b/f0001', 'a/f0000', 'a/f0001', 'a/f0003', 'still']
    assert [step.follows for step in steps] == [False, True, False, True, False, False]
    assert [step.sequence for step in steps] == ['b', 'b', 'a', 'a', 'a', '']


def test_time_runs_within_a_sequence_and_is_unknown_of_stills():
    *over_time, still = (step.stamp for step in in_order(NAMES))
    assert min(over_time) > 0 and still == 0
    assert over_time[1] - over_time[0] == over_time[3] - over_time[2] > 0


def test_single_frames_have_no_time_but_their_place_in_the_sequence():
    steps = in_order(NAMES, single_frames=True)
    assert {step.stamp for step in steps} == {0}
    assert [step.follows for step in steps] == [step.follows for step in in_order(NAMES)]


@pytest.mark.parametrize(('limit', 'sequences'), [(1, [0]), (3, [0]), (4, [0]), (8, [0, 4]), (9, [0, 4])])
def test_a_limit_takes_whole_sequences_that_are_spread_over_all(limit, sequences):
    names = [f's{sequence}/f{frame}' for sequence in range(5) for frame in range(4)]
    expected = [f's{sequence}/f{frame}' for sequence in sequences for frame in range(4)]
    assert [names[step.frame] for step in in_order(names, limit)] == expected[:limit]


def test_steps_of_stills_belong_to_no_sequence():
    assert in_order(['000000', '000001']) == [EvaluationStep(0), EvaluationStep(1)]


@pytest.mark.parametrize(
    ('count', 'limit', 'indices'), [(4, None, [0, 1, 2, 3]), (3, 9, [0, 1, 2]), (9, 3, [0, 4, 8]), (5, 1, [0])]
)
def test_a_limit_spreads_over_the_split(count, limit, indices):
    assert spread(count, limit) == indices


def test_a_limit_must_be_positive():
    with pytest.raises(ValueError, match='limit 0'):
        spread(5, 0)
