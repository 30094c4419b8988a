"""Things that contradict each other: which is believed, and what may be wrong."""

from __future__ import annotations

import math

import pytest

from mt3dnet_ros.perception.scale.conflict import describe, describe_implausible, judge
from mt3dnet_ros.perception.scale.namesakes import Key
from mt3dnet_ros.perception.scale.observation import SOURCES, ScaleObservation
from mt3dnet_ros.perception.scale.track import Reading


def reading(source: str, factor: float, deviation: float, of: str = '') -> Reading:
    observation = ScaleObservation(source, math.log(factor), deviation, of)
    return Reading(Key(source, of), observation, observation.log_factor, 0.0, deviation, 0.0)


EYE = reading('second_eye', 1.1, 0.02)
DRIVER = reading('shaft', 1.12, 0.04, 'needle driver')
THIN = reading('shaft', 1.8, 0.04, 'needle driver')
ARM = reading('robot', 1.08, 0.05, 'PSM1')


def test_what_agrees_is_believed():
    assert judge([EYE, DRIVER, ARM]) == ([EYE, DRIVER, ARM], [], True)


def test_of_two_the_more_exact_is_believed_and_it_is_undecided():
    assert judge([THIN, EYE]) == ([EYE], [THIN], False)


def test_two_sources_outvote_a_third():
    assert judge([THIN, EYE, ARM]) == ([EYE, ARM], [THIN], True)


def test_two_things_of_one_source_do_not_outvote_another_source():
    other = reading('shaft', 1.8, 0.04, 'prograsp')
    assert not judge([THIN, other, EYE]).decided


def test_two_things_of_one_source_outvote_a_third():
    other = reading('shaft', 1.1, 0.04, 'prograsp')
    odd = reading('shaft', 1.8, 0.04, 'hook')
    assert judge([DRIVER, other, odd]) == ([DRIVER, other], [odd], True)


def test_one_in_the_middle_that_agrees_with_both_ends_decides_nothing():
    low, middle, high = (reading(name, x, 0.05) for name, x in (('shaft', 1.0), ('robot', 1.15), ('second_eye', 1.32)))
    assert not judge([low, middle, high]).decided


def test_belief_stays_where_it_was_unless_the_other_is_much_more_exact():
    almost = reading('shaft', 1.8, 0.018, 'needle driver')
    assert judge([almost, EYE]).believed == [almost]
    assert judge([almost, EYE], frozenset({Key('second_eye', '')})).believed == [EYE]
    exact = reading('shaft', 1.8, 0.005, 'needle driver')
    assert judge([exact, EYE], frozenset({Key('second_eye', '')})).believed == [exact]


def test_while_undecided_both_are_suspected():
    (sentence,) = describe(judge([THIN, EYE]))
    assert sentence == (
        'shaft (needle driver) says x1.80 within 4 %, but second_eye says x1.10 within 2 %, which is believed for now; '
        "check the diameter of needle driver (shaft_diameters), or the stereo calibration's baseline"
    )


def test_where_it_is_decided_only_the_odd_one_is_suspected():
    (sentence,) = describe(judge([EYE, DRIVER, reading('robot', 2.0, 0.05, 'PSM1')]))
    assert 'robot (PSM1) says x2.00' in sentence
    assert sentence.endswith('check the hand-eye transform or the kinematics of PSM1')


@pytest.mark.parametrize('source', SOURCES)
def test_every_source_has_something_to_be_checked(source):
    (sentence,) = describe(judge([reading('other', 1.0, 0.01), reading(source, 2.0, 0.02)]))
    assert f'check {source}' not in sentence.replace('check fixed_scale', '')


def test_a_baseline_in_the_wrong_unit_is_suspected_without_a_second_source():
    (sentence,) = describe_implausible([reading('second_eye', 10.0, 0.02)], 0.15)
    assert sentence == (
        'second_eye says x10.00 within 2 %, where the network is usually right within 16 %; '
        "check the stereo calibration's baseline"
    )


@pytest.mark.parametrize(
    ('believed', 'network'),
    [
        ([EYE], 0.15),
        ([reading('second_eye', 1.7, 0.02)], 0.15),
        ([reading('second_eye', 2.5, 0.02)], 0.5),
        ([reading('second_eye', 10.0, 0.02)], math.nan),
        ([reading('second_eye', 3.0, 0.02), reading('shaft', 3.0, 0.05)], 0.15),
    ],
)
def test_what_a_network_may_be_wrong_by_or_two_sources_say_is_not_suspected(believed, network):
    assert describe_implausible(believed, network) == ()
