"""The scale from tips that a robot knows."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scale.evidence import Evidence, KnownTip
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.robot.estimator import RobotScale
from mt3dnet_ros.perception.scale.view import ScaleView
from mt3dnet_ros.perception.scene import UNKNOWN, Box, Detection, Point
from mt3dnet_ros.perception.settings import Settings

CAMERA = Camera(640, 512, 560.0, 560.0, 319.5, 255.5)
LEFT, RIGHT = (-0.015, 0.0, 0.07), (0.02, 0.005, 0.08)
STAMP = 10_000_000_000


def tool(tip: Point) -> Detection:
    return Detection(1, 'needle driver', 0.9, 1, Box(0, 0, 10, 10), tip=tip)


def scaled(tip: Point, factor: float) -> Point:
    x, y, z = (factor * value for value in tip)
    return x, y, z


def moved(tip: Point, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Point:
    return tip[0] + x, tip[1] + y, tip[2] + z


def observe(
    known: list[KnownTip], seen: list[Point], source: RobotScale | None = None, shape_deviation: float = 0.05
) -> list[ScaleObservation | Rejection]:
    """Ask for the scale of a frame in which the network places tips somewhere."""
    shown: Any = SimpleNamespace(detections=[tool(tip) for tip in seen])
    frame = Frame(np.zeros((512, 640, 3), np.uint8), STAMP)
    letterbox = Letterbox(frame.size, (256, 320))
    view = ScaleView(frame, CAMERA, letterbox, shown, Settings(), Evidence(tips=tuple(known)), shape_deviation)
    return (source or RobotScale()).observe(view)


def rejection(found: list[ScaleObservation | Rejection]) -> str:
    (item,) = found
    assert isinstance(item, Rejection)
    assert (item.source, item.of) == ('robot', 'PSM1')
    return item.reason


def psm(number: int, position: Point, deviation: float = 0.001, stamp: int = STAMP) -> KnownTip:
    return KnownTip(f'PSM{number}', position, deviation, stamp)


@pytest.mark.parametrize('factor', [0.5, 0.9, 1.0, 1.7])
def test_the_scale_is_how_much_farther_the_known_tip_is_than_the_seen_one(factor):
    (found,) = observe([psm(1, RIGHT)], [scaled(RIGHT, 1.0 / factor)])
    assert isinstance(found, ScaleObservation)
    assert (found.source, found.of) == ('robot', 'PSM1')
    assert found.factor == pytest.approx(factor)


def test_each_arm_is_compared_with_its_own_tool_whatever_their_order():
    found = observe([psm(1, LEFT), psm(2, RIGHT)], [scaled(RIGHT, 0.5), scaled(LEFT, 0.8)])
    assert [(item.of, round(item.factor, 6)) for item in found] == [('PSM1', 1.25), ('PSM2', 2.0)]


def test_without_a_robot_nothing_is_said():
    assert observe([], [LEFT]) == []


def test_deviation_grows_with_that_of_the_tip_with_its_distance_aside_and_with_the_networks_shape():
    def deviation(tip: KnownTip, shape: float = 0.05) -> float:
        (found,) = observe([tip], [RIGHT], shape_deviation=shape)
        return found.deviation

    base = psm(1, RIGHT)
    assert deviation(base) > 0.05
    assert deviation(replace(base, deviation=0.005)) > 1.1 * deviation(base)
    assert deviation(psm(1, moved(RIGHT, x=0.008))) > 1.1 * deviation(base)
    assert deviation(base, shape=0.2) > 2.0 * deviation(base)


def test_errors_of_kinematics_lie_within_what_is_said():
    random = np.random.default_rng(1)
    errors = []
    for _ in range(500):
        tip = psm(1, moved(RIGHT, *0.002 * random.normal(size=3)), deviation=0.002)
        seen = scaled(moved(RIGHT, *0.003 * random.normal(size=3)), math.exp(0.05 * random.normal()))
        (found,) = observe([tip], [seen])
        if isinstance(found, ScaleObservation):
            errors.append(found.log_factor / found.deviation)
    assert len(errors) > 450
    assert 0.93 <= np.mean(np.abs(errors) < 1.96) <= 0.99


def test_a_tip_behind_the_camera_is_named_with_the_hand_eye_transform():
    reason = rejection(observe([psm(1, (0.0, 0.0, -0.05))], [LEFT]))
    assert '50 mm behind the camera' in reason
    assert 'hand-eye' in reason


def test_a_tip_outside_of_the_image_tells_nothing():
    assert 'outside of the image' in rejection(observe([psm(1, (0.2, 0.0, 0.1))], [LEFT]))


@pytest.mark.parametrize(('seconds', 'word'), [(-0.4, 'older'), (0.4, 'newer')])
def test_a_pose_of_another_time_tells_nothing(seconds, word):
    stale = psm(1, LEFT, stamp=STAMP + round(1e9 * seconds))
    assert f'0.40 s {word} than the image' in rejection(observe([stale], [LEFT]))


def test_a_pose_of_unknown_time_is_of_now():
    assert isinstance(observe([psm(1, LEFT, stamp=0)], [LEFT])[0], ScaleObservation)


@pytest.mark.parametrize('bad', [psm(1, UNKNOWN), psm(1, LEFT, deviation=0.0), psm(1, LEFT, deviation=math.nan)])
def test_what_is_no_number_is_refused(bad):
    assert 'no number' in rejection(observe([bad], [LEFT]))


def test_no_tip_is_seen():
    assert rejection(observe([psm(1, LEFT)], [])) == 'no tip is seen'
    assert rejection(observe([psm(1, LEFT)], [UNKNOWN])) == 'no tip is seen'


def test_a_tip_far_from_any_that_is_seen_is_named_with_its_distance():
    reason = rejection(observe([psm(1, moved(LEFT, y=0.02))], [LEFT]))
    assert '20 mm beside' in reason
    assert 'hand-eye' in reason


def test_two_seen_tips_as_near_are_ambiguous():
    assert 'not clear' in rejection(observe([psm(1, LEFT)], [moved(LEFT, x=0.003), moved(LEFT, x=-0.004)]))


def test_one_seen_tip_is_not_taken_for_two_arms():
    found = observe([psm(1, LEFT), psm(2, moved(LEFT, x=0.004))], [LEFT])
    assert [type(item) for item in found] == [Rejection, Rejection]


def test_a_hand_eye_transform_that_is_off_is_recognised_over_time():
    random = np.random.default_rng(2)
    source = RobotScale()
    for _ in range(30):
        places = [moved(tip, *0.004 * random.normal(size=3)) for tip in (LEFT, RIGHT)]
        known = [psm(k, moved(tip, x=0.018, y=-0.004)) for k, tip in enumerate(places, 1)]
        found = observe(known, places, source)
    assert all(item.is_fault and 'the hand-eye transform is off' in item.reason for item in found)
    assert '17 mm right and 4 mm above' in found[0].reason
    source.forget()
    assert 'the nearest seen tip' in observe([psm(1, moved(LEFT, x=0.018))], [LEFT], source)[0].reason


def test_tips_that_are_hidden_now_and_then_do_not_accuse_the_hand_eye_transform():
    random = np.random.default_rng(2)
    source = RobotScale()
    for _ in range(40):
        hidden = moved(LEFT, *0.03 * random.normal(size=2))
        observe([psm(1, LEFT)], [LEFT if random.random() < 0.6 else hidden], source)
    assert isinstance(observe([psm(1, LEFT)], [LEFT], source)[0], ScaleObservation)
