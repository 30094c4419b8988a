"""Where to look, and in which order, from predictions drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest
from support.drawing import CONFIG, NETWORK, Drawing

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.settings import Settings

SIZE = (1024, 1280)  # 16 pixels per cell
CAMERA = Camera(1280, 1024, 1040.0, 1040.0, 639.5, 511.5, 'plumb_bob', (-0.1, 0.02, 0.0, 0.0, 0.0))
SHAFT, WRIST, CLASPER = 1, 2, 3
FIRST, SECOND = (10, 8, 30, 28), (48, 20, 70, 50)


def interpret(drawing: Drawing, camera: Camera | None = CAMERA, size=SIZE, **settings: float) -> Interpretation:
    return Interpretation(drawing.prediction, Letterbox(size, NETWORK), camera, CONFIG, Settings(**settings))


def middle(left: int, top: int, right: int, bottom: int) -> object:
    """Return the pixel in the middle of a box given in cells."""
    return pytest.approx((8 * (left + right) - 0.5, 8 * (top + bottom) - 0.5), abs=0.51)


def two_tools(first: float, second: float) -> Drawing:
    """Draw two tools, the second the larger, of different saliency."""
    drawing = Drawing().tool(FIRST, 4, depth=0.1).tool(SECOND, 2, depth=0.15)
    return drawing.salient(FIRST, first).salient(SECOND, second)


def tool_with_parts(shaft: float, wrist: float, clasper: float) -> Drawing:
    """Draw a tool from the left whose parts have different saliency."""
    drawing = Drawing().tool((0, 30, 40, 34), 1)
    for box, part, saliency in (
        ((0, 30, 28, 34), SHAFT, shaft),
        ((28, 30, 32, 34), WRIST, wrist),
        ((32, 30, 40, 34), CLASPER, clasper),
    ):
        drawing.part(box, part).salient(box, saliency)
    return drawing


@pytest.mark.parametrize(('saliencies', 'classes'), [((0.6, 0.3), [4, 2]), ((0.3, 0.6), [2, 4]), ((0.4, 0.4), [2, 4])])
def test_most_salient_tool_comes_first_and_of_equal_ones_the_larger(saliencies, classes):
    path = interpret(two_tools(*saliencies)).scanpath
    assert [fixation.class_id for fixation in path] == classes
    assert [fixation.order for fixation in path] == [1, 2]
    assert [fixation.weight for fixation in path] == pytest.approx(sorted(saliencies, reverse=True))


def test_fixation_lies_on_its_instance():
    seen = interpret(two_tools(0.6, 0.3))
    for fixation in seen.scanpath:
        column, row = fixation.pixel
        assert seen.instances[row, column] == fixation.instance_id
        assert seen.labels[row, column] == fixation.class_id


def test_weight_is_the_mean_over_the_whole_tool():
    (fixation,) = interpret(tool_with_parts(0.1, 0.5, 0.9)).scanpath
    assert fixation.weight == pytest.approx((28 * 0.1 + 4 * 0.5 + 8 * 0.9) / 40)


def test_fixation_lies_in_the_middle_of_wrist_and_clasper():
    (fixation,) = interpret(tool_with_parts(0.9, 0.5, 0.5)).scanpath
    assert fixation.pixel == middle(28, 30, 40, 34)


def test_fixation_leans_to_what_is_salient():
    (fixation,) = interpret(tool_with_parts(0.5, 0.001, 0.999)).scanpath
    assert fixation.pixel == middle(32, 30, 40, 34)


def test_tool_without_a_working_end_in_view_is_looked_at_as_a_whole():
    drawing = Drawing().tool(FIRST, 4).part(FIRST, SHAFT).salient(FIRST, 0.5)
    (fixation,) = interpret(drawing).scanpath
    assert fixation.pixel == middle(*FIRST)


def test_between_open_jaws_the_nearest_jaw_is_looked_at():
    upper, lower = (20, 20, 40, 24), (20, 36, 40, 40)
    drawing = Drawing(NETWORK).tool((16, 20, 20, 40), 1).tool(upper, 1).tool(lower, 1)
    drawing.part((16, 20, 20, 40), SHAFT).part(upper, CLASPER).part(lower, CLASPER)
    drawing.salient(upper, 0.6).salient(lower, 0.3)
    seen = interpret(drawing)
    column, row = seen.scanpath[0].pixel
    assert seen.parts[row, column] == CLASPER
    assert row == pytest.approx(16 * 24, abs=16)  # at the inner border of the upper, more salient jaw


def test_nothing_salient_is_looked_at_in_the_middle():
    drawing = tool_with_parts(0.5, 0.5, 0.5)
    drawing.saliency[:] = -1e4
    (fixation,) = interpret(drawing).scanpath
    assert fixation.pixel == middle(28, 30, 40, 34)
    assert fixation.weight == 0.0


def test_point_is_what_the_camera_sees_at_the_pixel():
    for fixation, depth in zip(interpret(two_tools(0.6, 0.3)).scanpath, (0.1, 0.15), strict=True):
        scaled = depth * 1040.0 * 0.25 / CONFIG.canonical_focal
        assert fixation.point[2] == pytest.approx(scaled, rel=1e-5)
        assert project(CAMERA, np.array(fixation.point)) == pytest.approx(fixation.pixel, abs=1e-3)


def test_points_are_unknown_without_a_camera_and_beyond_the_largest_depth():
    drawing = two_tools(0.6, 0.3)
    assert all(np.isnan(fixation.point).all() for fixation in interpret(drawing, None).scanpath)
    near, far = interpret(drawing, max_depth=0.12).scanpath
    assert np.isfinite(near.point).all()
    assert np.isnan(far.point).all()


def test_tools_below_the_threshold_are_not_looked_at():
    drawing = two_tools(0.6, 0.3).tool(FIRST, 4, logit=float(np.log(8.0 * 1.5)))  # score 0.775
    assert [fixation.class_id for fixation in interpret(drawing, score_threshold=0.78).scanpath] == [2]
    assert len(interpret(drawing, score_threshold=0.77).scanpath) == 2


def test_gaze_is_the_first_fixation():
    seen = interpret(two_tools(0.3, 0.6))
    assert seen.gaze == seen.scanpath[0].point


def test_view_without_tools_has_an_empty_scanpath_and_no_gaze():
    seen = interpret(Drawing().salient(FIRST, 0.9))
    assert seen.scanpath == ()
    assert np.isnan(seen.gaze).all()


def test_network_without_saliency_says_nothing_of_it():
    seen = interpret(Drawing().tool(FIRST, 4))
    assert (seen.saliency, seen.scanpath, seen.gaze) == (None, None, None)


@pytest.mark.parametrize(('size', 'cells'), [((480, 640), (60, 80)), ((720, 576), (64, 51)), (SIZE, (64, 80))])
def test_saliency_is_where_it_was_drawn_whatever_the_padding(size, cells):
    """What fills the lower right quarter of the content fills that of the image."""
    height, width = cells
    drawing = Drawing().salient((width // 2, height // 2, 80, 64), 0.8)
    saliency = interpret(drawing, None, size).saliency
    assert (saliency.shape, saliency.dtype) == (size, np.uint8)
    expected = np.zeros(size, bool)
    expected[round(size[0] * (height // 2) / height) :, round(size[1] * (width // 2) / width) :] = True
    assert ((saliency > 102) != expected).mean() < 0.004
    assert saliency.max() == round(255 * 0.8)
