"""What several sources say of one instrument."""

from __future__ import annotations

import math

import pytest

from mt3dnet_ros.perception.scale.instruments import ShaftAgainstEye, scales_of_measured
from mt3dnet_ros.perception.scale.observation import InstrumentScale, ScaleObservation


def eye(log_factor: float, deviation: float = 0.03) -> ScaleObservation:
    return ScaleObservation('second_eye', 0.0, 0.02, instruments={1: InstrumentScale(log_factor, deviation)})


def shaft(log_factor: float, own: float = 0.05) -> ScaleObservation:
    return ScaleObservation('shaft', log_factor, 0.25, 'needle driver', 1, own_deviation=own)


def test_an_instrument_that_was_measured_has_its_own_factor_on_top_of_the_frames():
    assert scales_of_measured([eye(0.3), shaft(0.35)], 0.1) == {1: InstrumentScale(pytest.approx(0.25), 0.05)}
    assert scales_of_measured([ScaleObservation('robot', 0.3, 0.2, 'PSM1', 1)], 0.0) == {}


def test_a_wrong_diameter_is_noticed_after_some_frames_and_named():
    notices = ShaftAgainstEye()
    found = [notices([eye(0.02), shaft(0.02 + math.log(1.3))]) for _ in range(5)]
    assert found[:4] == [()] * 4
    (sentence,) = found[4]
    assert 'x1.30' in sentence and 'check the diameter of needle driver (shaft_diameters)' in sentence


@pytest.mark.parametrize('own', [0.05, 0.2], ids=['right', 'wrong but unsure'])
def test_what_its_deviation_allows_is_no_contradiction(own):
    notices, off = ShaftAgainstEye(), 0.1 if own == 0.05 else math.log(1.3)
    assert not any(notices([eye(0.02), shaft(0.02 + off, own)]) for _ in range(20))


def test_a_single_wrong_silhouette_is_no_contradiction_and_a_stream_is_forgotten():
    notices = ShaftAgainstEye()
    words = [notices([eye(0.0), shaft(1.0 if k % 3 == 0 else 0.03)]) for k in range(12)]
    assert not any(words)
    for _ in range(15):
        last = notices([eye(0.0), shaft(1.0)])
    assert last
    notices.forget()
    assert notices([eye(0.0), shaft(1.0)]) == ()


def test_without_the_second_eye_nothing_contradicts():
    notices = ShaftAgainstEye()
    assert not any(notices([shaft(1.0)]) for _ in range(20))
