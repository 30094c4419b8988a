"""What is known beside frames: diameters for the instances that the network finds, tips that err, the second eye."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support.rendered_shapes import write_shapes

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.datasets.rendered import RenderedFrames
from mt3dnet_ros.evaluation.order import EvaluationStep
from mt3dnet_ros.evaluation.scale.evidence import TIP_ERROR, FrameEvidence, match_instances

TIP = [0.01, -0.02, 0.08]


@pytest.fixture
def frames(tmp_path):
    folder = write_shapes(tmp_path / 'data', frames=3) / 'val'
    facts = json.loads((folder / 'frames.json').read_text())
    tips = [{'instance': 2, 'point': TIP, 'pixel': None, 'visible': False}]
    more = {'tips': tips, 'shaft_diameters': [0.005, 0.0084], 'baseline': 0.004}
    (folder / 'frames.json').write_text(json.dumps([fact | more for fact in facts]))
    np.save(folder / 'right_images.npy', np.load(folder / 'images.npy')[:, :, ::-1])
    return RenderedFrames(tmp_path / 'data', 'val')


def of(frames: RenderedFrames, step: EvaluationStep, shown: int = 0):
    true, predicted = np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8)
    true[:2], predicted[:2] = 2, shown
    return FrameEvidence(frames)(step, true, predicted)


def test_the_second_eye_is_that_of_the_frame(frames):
    right = of(frames, EvaluationStep(1, stamp=5)).right
    assert np.array_equal(right.rgb, frames[1].image[:, ::-1]) and right.stamp == 5
    assert right.pair.left == frames[1].camera and right.pair.translation == (-0.004, 0.0, 0.0)


def test_tips_err_by_a_millimetre_and_alike_all_through_a_sequence(frames):
    errors = []
    for number in range(200):
        (tip,) = of(frames, EvaluationStep(0, f's{number}')).tips
        errors.append(np.linalg.norm(np.subtract(tip.position, TIP)))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(TIP_ERROR, rel=0.1)
    assert of(frames, EvaluationStep(0, 's1')).tips == of(frames, EvaluationStep(1, 's1')).tips
    assert of(frames, EvaluationStep(0)).tips != of(frames, EvaluationStep(1)).tips


def test_diameters_are_given_to_the_instances_that_the_network_finds(frames):
    diameters = of(frames, EvaluationStep(0), shown=7).diameters
    assert {number: known.value for number, known in diameters.items()} == {7: 0.0084}


def test_an_instance_that_shows_two_tools_is_neither():
    predicted, true = np.ones((4, 4), np.uint8), np.zeros((4, 4), np.uint8)
    true[:2], true[2:] = 1, 2
    assert match_instances(predicted, true) == {}
    true[2] = IGNORED
    assert match_instances(predicted, true) == {1: 1}
    assert match_instances(np.zeros_like(predicted), true) == {}
