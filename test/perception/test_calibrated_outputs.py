"""What a network's calibration does to its outputs, from predictions drawn by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.drawing import CONFIG, NETWORK, Drawing

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings

SIZE = (512, 640)
DOUBTED, CELL = (20, 20, 60, 40), (240, 320)  # a tool in cells, and a pixel inside of it
EVERYTHING = Settings(score_threshold=0.0, type_threshold=0.0)


def interpret(drawing: Drawing, camera: Camera | None = None, settings=EVERYTHING, **calibration) -> Interpretation:
    config = replace(CONFIG, **calibration)
    return Interpretation(drawing.prediction, Letterbox(SIZE, NETWORK), camera, config, settings)


@pytest.fixture
def tool():
    return Drawing().tool(DOUBTED, 4, logit=4.0)


def test_warmer_types_lower_the_confidence_on_an_instrument_alone(tool):
    sure, warm = interpret(tool).confidence, interpret(tool, temperatures=(1.0, 3.0)).confidence
    assert warm[CELL] < sure[CELL] - 50
    assert warm[10, 10] == sure[10, 10] == 255


def test_warmer_presence_lowers_the_confidence_everywhere(tool):
    sure, warm = interpret(tool).confidence, interpret(tool, temperatures=(6.0, 1.0)).confidence
    assert warm[CELL] < sure[CELL] and warm[10, 10] < sure[10, 10]


def test_temperatures_keep_instances_and_their_classes(tool):
    plain, warm = interpret(tool), interpret(tool, temperatures=(2.0, 3.0))
    assert set(np.unique(warm.labels)) == {0, 4}
    assert (plain.labels != warm.labels).mean() < 0.004  # borders move between the cells


def test_scores_of_masks_and_of_loose_boxes_go_through_the_line(tool):
    seen = tool.peak((5, 45, 15, 55), 2, 0.3)
    plain, corrected = (interpret(seen, score_line=line).detections for line in ((1.0, 0.0), (2.0, -1.0)))
    assert [item.instance_id for item in corrected] == [1, -1]
    for before, after in zip(plain, corrected, strict=True):
        logit = np.log(before.score / (1.0 - before.score))
        assert after.score == pytest.approx(1.0 / (1.0 + np.exp(1.0 - 2.0 * logit)))


def test_the_threshold_is_that_of_corrected_scores():
    seen = Drawing().peak((5, 45, 15, 55), 2, 0.65)
    assert [item.class_id for item in interpret(seen, settings=Settings()).detections] == [2]
    assert interpret(seen, settings=Settings(), score_line=(1.0, -1.0)).detections == []


@pytest.mark.parametrize(('known', 'tool_known', 'tissue_known'), [
    (None, True, True), ((0.15, 0.3), False, True), ((0.05, 0.15), True, False),
])  # fmt: skip
def test_depth_is_unknown_beyond_what_the_network_was_shown(known, tool_known, tissue_known):
    seen = interpret(Drawing().tool(DOUBTED, 4, depth=0.1), known_depth=known)
    assert (not np.isnan(seen.depth[CELL]), not np.isnan(seen.depth[10, 10])) == (tool_known, tissue_known)


def test_known_depth_grows_with_the_focal_length_as_depth_does():
    drawing, known = Drawing().tool(DOUBTED, 4, depth=0.1), (0.05, 0.15)
    camera = Camera(640, 512, 1040.0, 1040.0, 319.5, 255.5)  # twice the canonical focal length
    seen = interpret(drawing, camera, known_depth=known)
    assert seen.depth[CELL] == pytest.approx(0.2) and np.isnan(seen.depth[10, 10])


def test_a_tool_at_an_unknown_depth_is_found_without_a_place():
    camera = Camera(640, 512, 520.0, 520.0, 319.5, 255.5)
    (item,) = interpret(Drawing().tool(DOUBTED, 4, depth=0.02), camera, known_depth=(0.05, 0.3)).detections
    assert item.class_id == 4 and np.isnan(item.position).all()
