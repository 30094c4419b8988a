"""How far depth is from the truth, on frames whose errors are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import LabelledFrame
from mt3dnet_ros.evaluation.scale.errors import scale_errors
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.perception.scene import Box, Detection, Scene

SHAPE = (40, 50)
TOOL = (slice(10, 20), slice(5, 25))


def frame(depth: np.ndarray) -> LabelledFrame:
    instances = np.zeros(SHAPE, np.uint8)
    instances[TOOL] = 3
    return LabelledFrame('one', np.zeros((*SHAPE, 3), np.uint8), instances=instances, depth=depth)


def scene(depth: np.ndarray, scale: DepthScale, *detections: Detection) -> Scene:
    instances = np.zeros(SHAPE, np.uint8)
    instances[TOOL] = 1
    return Scene(depth=depth, scale=scale, instances=instances, detections=list(detections))


def detection(z: float, deviation: float) -> Detection:
    return Detection(1, 'probe', 0.9, 1, Box(5, 10, 20, 10), position=(0.0, 0.0, z), position_deviation=deviation)


def depth(value: float = 0.1) -> np.ndarray:
    return np.full(SHAPE, value, np.float32)


def test_the_error_of_a_frame_is_what_its_scale_lacks():
    errors = scale_errors(frame(depth(0.11)), scene(depth(0.1), DepthScale(deviation=0.1)))
    assert errors.mae_mm == pytest.approx(10.0, rel=1e-3) and errors.true_mae_mm == pytest.approx(0.0, abs=1e-3)
    assert errors.log_error == pytest.approx(math.log(1.1), rel=1e-3)


@pytest.mark.parametrize(('deviation', 'covered'), [(0.06, True), (0.04, False)])
def test_a_scale_is_covered_within_1_96_deviations(deviation, covered):
    errors = scale_errors(frame(depth(0.11)), scene(depth(0.1), DepthScale(deviation=deviation)))
    assert errors.is_covered is covered and errors.pixels_covered == covered


def test_pixels_are_covered_by_the_deviations_of_scale_and_shape_together():
    true = depth(0.1)
    true[:10] = 0.12  # a quarter of the rows errs by 18 %
    for shape_deviation, share in ((0.0, 0.75), (0.1, 1.0)):
        scale = DepthScale(deviation=0.01, shape_deviation=shape_deviation)
        assert scale_errors(frame(true), scene(depth(0.1), scale)).pixels_covered == share


def test_unknown_depth_counts_nowhere():
    true, found = depth(0.11), depth(0.1)
    true[:20], found[20:30] = 0.0, np.nan
    errors = scale_errors(frame(true), scene(found, DepthScale(deviation=0.1)))
    assert errors.mae_mm == pytest.approx(10.0, rel=1e-3)
    assert scale_errors(frame(depth(0.0)), scene(found, DepthScale(deviation=0.1))) is None


@pytest.mark.parametrize(('deviation', 'covered'), [(0.006, True), (0.004, False)])
def test_a_position_is_covered_along_the_line_of_sight(deviation, covered):
    true = depth(0.2)
    true[TOOL] = 0.09
    errors = scale_errors(frame(true), scene(depth(), DepthScale(deviation=0.1), detection(0.1, deviation)))
    assert errors.positions == [(pytest.approx(10.0, rel=1e-3), covered)]


def test_an_instrument_that_is_not_there_has_no_position():
    empty = LabelledFrame('one', np.zeros((*SHAPE, 3), np.uint8), instances=np.zeros(SHAPE, np.uint8), depth=depth())
    errors = scale_errors(empty, scene(depth(), DepthScale(deviation=0.1), detection(0.1, 0.01)))
    assert errors.positions == []
