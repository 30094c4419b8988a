"""The network's outputs in the geometry of the image, from predictions drawn by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from support.drawing import CONFIG, NETWORK, Drawing

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.postprocess import Interpretation
from mt3dnet_ros.perception.preprocess import Letterbox
from mt3dnet_ros.perception.scale.depth_scale import DepthScale, InstrumentScale
from mt3dnet_ros.perception.scale.shaft_axis import ShaftAxis
from mt3dnet_ros.perception.scene import Box
from mt3dnet_ros.perception.settings import Settings

FIRST, SECOND = (10, 8, 30, 28), (48, 20, 70, 50)
TWO_TOOLS = Drawing().tool(FIRST, 4, depth=0.1).tool(SECOND, 2, depth=0.15)
SIZES = [(512, 640), (1024, 1280), (256, 320), (128, 160), (480, 600)]  # height, width; all of the network's shape


def camera_of(size: tuple[int, int], focal: float = 260.0) -> Camera:
    """Return a camera whose focal length at the network's input is ``focal``."""
    scale = size[1] / NETWORK[1]
    return Camera(size[1], size[0], focal * scale, focal * scale, (size[1] - 1) / 2, (size[0] - 1) / 2)


def interpret(
    drawing: Drawing, size: tuple[int, int], camera: Camera | None = None, **settings: float
) -> Interpretation:
    return Interpretation(drawing.prediction, Letterbox(size, NETWORK), camera, CONFIG, Settings(**settings))


def filled(size: tuple[int, int], values: dict[tuple[int, int, int, int], int]) -> np.ndarray:
    """Return an image with boxes of values; boxes are in cells."""
    image, pixels = np.zeros(size, np.uint8), size[0] / 64
    for (left, top, right, bottom), value in values.items():
        image[round(top * pixels) : round(bottom * pixels), round(left * pixels) : round(right * pixels)] = value
    return image


def difference(first: np.ndarray, second: np.ndarray) -> float:
    return float((first != second).mean())


@pytest.mark.parametrize('size', SIZES)
def test_tools_are_labelled_where_they_were_drawn(size):
    seen = interpret(TWO_TOOLS, size)
    assert seen.labels.dtype == np.uint8
    assert difference(seen.labels, filled(size, {FIRST: 4, SECOND: 2})) < 0.004  # corners are rounded


@pytest.mark.parametrize('size', SIZES)
def test_instances_and_labels_cover_the_same_pixels(size):
    seen = interpret(TWO_TOOLS, size)
    assert difference(seen.instances, filled(size, {FIRST: 2, SECOND: 1})) < 0.004
    assert np.array_equal(seen.instances > 0, seen.labels > 0)
    assert set(np.unique(seen.labels[seen.instances == 1])) == {2}


@pytest.mark.parametrize(
    ('size', 'content'), [((480, 640), (60, 80)), ((720, 576), (64, 51)), ((1080, 1920), (45, 80))]
)
def test_padding_is_taken_off(size, content):
    """A tool that fills the lower right quarter of the content fills that of the image."""
    height, width = content
    drawing = Drawing().tool((width // 2, height // 2, 80, 64), 3)
    labels = interpret(drawing, size).labels
    assert labels.shape == size
    expected = np.zeros(size, np.uint8)
    expected[round(size[0] * (height // 2) / height) :, round(size[1] * (width // 2) / width) :] = 3
    assert difference(labels, expected) < 0.004


def test_small_region_becomes_background():
    seen = interpret(Drawing().tool(FIRST, 4).tool((60, 50, 62, 51), 2), (512, 640))
    assert set(np.unique(seen.labels)) == {0, 4}


def test_border_is_smooth_where_the_probability_is():
    """Along a ramp of probability from 1 to 0, the border is where it passes one half, between the cells."""
    drawing = Drawing().tool((0, 0, 41, 64), 1)
    drawing.types[0, :, :, 40] = 0.0
    drawing.types[0, 0, :, 40], drawing.types[0, 1, :, 40] = np.log(3.0), np.log(1.0)  # then p(background) = 0.3
    labels = interpret(drawing, (1024, 1280)).labels
    border = int((labels[500] > 0).sum())
    # cell centres lie at 16 k + 7.5; the foreground falls from 0.7 at cell 40 to 0 at cell 41
    assert border == pytest.approx(40 * 16 + 7.5 + 16 * 0.2 / 0.7, abs=1.5)


def test_confidence_is_the_probability_of_the_chosen_class():
    drawing = Drawing().tool(FIRST, 4, logit=float(np.log(8.0 * 4)))  # 0.8 against eight others
    seen = interpret(drawing, (512, 640))
    assert abs(int(seen.confidence[140, 160]) - round(255 * 0.8)) <= 1
    assert seen.confidence[400, 500] == 255
    drawing.types[0, :, 40:] = 0.0
    drawing.types[0, 0, 40:] = float(np.log(8.0 * 3))  # background by 0.75
    assert abs(int(interpret(drawing, (512, 640)).confidence[450, 300]) - round(255 * 0.75)) <= 1


def test_parts_are_those_drawn_and_never_background_inside_of_a_tool():
    drawing = Drawing().tool(FIRST, 4).part((10, 8, 16, 28), 1).part((16, 8, 22, 28), 2).part((22, 8, 26, 28), 3)
    parts = interpret(drawing, (512, 640)).parts
    labels = interpret(drawing, (512, 640)).labels
    assert np.array_equal(parts > 0, labels > 0)
    assert [parts[140, column] for column in (100, 150, 190)] == [1, 2, 3]
    assert parts[400, 400] == 0


@pytest.mark.parametrize('size', SIZES)
def test_depth_is_exact_away_from_edges(size):
    seen = interpret(TWO_TOOLS, size, camera_of(size))
    pixels = size[0] / 64
    assert seen.depth.dtype == np.float32
    assert seen.depth[round(18 * pixels), round(20 * pixels)] == pytest.approx(0.1)
    assert seen.depth[round(35 * pixels), round(60 * pixels)] == pytest.approx(0.15)
    assert seen.depth[2, 2] == pytest.approx(0.2)


@pytest.mark.parametrize('size', SIZES)
def test_double_focal_length_doubles_the_depth(size):
    near, far = (interpret(TWO_TOOLS, size, camera_of(size, focal)).depth for focal in (260.0, 520.0))
    assert np.allclose(far, 2.0 * near)


def test_depth_without_a_camera_is_the_canonical():
    size = (512, 640)
    assert np.array_equal(interpret(TWO_TOOLS, size).depth, interpret(TWO_TOOLS, size, camera_of(size)).depth)


def test_depth_beyond_the_largest_is_unknown():
    depth = interpret(TWO_TOOLS, (512, 640), max_depth=0.12).depth
    assert np.isnan(depth[2, 2])
    assert depth[140, 160] == pytest.approx(0.1)
    assert np.nanmax(depth) <= 0.12


@pytest.mark.parametrize('size', SIZES)
def test_detections_have_class_score_and_the_box_of_their_mask(size):
    seen = interpret(TWO_TOOLS, size, camera_of(size))
    assert [(d.class_id, d.class_name, d.instance_id) for d in seen.detections] == [
        (2, 'ProGrasp forceps', 1),
        (4, 'monopolar curved scissors', 2),
    ]
    assert all(d.score > 0.99 for d in seen.detections)
    pixels = size[0] / 64
    for detection, (left, top, right, bottom) in zip(seen.detections, (SECOND, FIRST), strict=True):
        rows, columns = (seen.instances == detection.instance_id).nonzero()
        assert detection.box == Box(columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
        expected = np.array([left, top, right - left, bottom - top]) * pixels
        box = detection.box
        assert np.abs(np.array([box.x, box.y, box.width, box.height]) - expected).max() <= 1.0


@pytest.mark.parametrize('size', SIZES)
def test_detections_are_placed_in_space(size):
    camera = camera_of(size)
    detections = interpret(TWO_TOOLS, size, camera).detections
    for detection, box, depth in zip(detections, (SECOND, FIRST), (0.15, 0.1), strict=True):
        middle = (np.array([box[0] + box[2], box[1] + box[3]]) / 2) * size[0] / 64 - 0.5
        cell = depth * 4 / 260
        expected = [*((middle - (camera.cx, camera.cy)) / camera.fx * depth), depth]
        assert np.allclose(detection.position, expected, atol=0.6 * cell)
        assert detection.extent[2] == pytest.approx(0.0, abs=1e-6)
        assert detection.extent[0] == pytest.approx(0.9 * (box[2] - box[0]) * cell, abs=2 * cell)
        assert np.isnan(detection.tip).all()


def test_tool_beyond_the_largest_depth_keeps_its_box_but_has_no_place():
    size = (512, 640)
    far, near = interpret(TWO_TOOLS, size, camera_of(size), max_depth=0.12).detections
    assert near.position[2] == pytest.approx(0.1)
    assert np.isnan(far.position).all()
    assert far.box.width > 100


def test_tip_is_at_the_clasper():
    size = (512, 640)
    drawing = Drawing().tool((0, 30, 40, 34), 1).part((0, 30, 30, 34), 1).part((30, 30, 40, 34), 3)
    (detection,) = interpret(drawing, size, camera_of(size)).detections
    expected_x = ((39.5 * 8 - 0.5) - 319.5) / 520 * 0.1
    assert detection.tip == pytest.approx((expected_x, detection.tip[1], 0.1), abs=0.5 * 0.1 * 4 / 260)


def test_positions_without_a_camera_are_unknown():
    for detection in interpret(TWO_TOOLS, (512, 640)).detections:
        assert np.isnan([*detection.position, *detection.extent, *detection.tip]).all()


def test_scores_below_the_threshold_are_dropped_but_the_mask_stays():
    drawing = Drawing().tool(FIRST, 4, logit=float(np.log(8.0 * 1.5)))  # probability 0.6, score 0.6 ** 0.5 = 0.775
    assert len(interpret(drawing, (512, 640), score_threshold=0.77).detections) == 1
    seen = interpret(drawing, (512, 640), score_threshold=0.78)
    assert seen.detections == []
    assert (seen.labels == 4).any()


@pytest.mark.parametrize(('threshold', 'count'), [(0.6, 1), (0.8, 0)])
def test_peak_without_a_mask_is_kept_by_its_score(threshold, count):
    drawing = Drawing().peak((50, 40, 70, 60), 5, 0.7)
    detections = interpret(drawing, (512, 640), camera_of((512, 640)), score_threshold=threshold).detections
    assert len(detections) == count
    for detection in detections:
        assert (detection.class_id, detection.instance_id) == (5, -1)
        assert detection.box == Box(400, 320, 160, 160)
        assert np.isnan(detection.position).all()


def test_box_of_a_peak_is_clipped_to_the_image():
    drawing = Drawing().peak((50, 40, 70, 60), 5, 0.7)
    drawing.boxes *= 100.0
    (detection,) = interpret(drawing, (512, 640)).detections
    assert detection.box == Box(0, 0, 640, 512)


def test_touching_tools_get_two_boxes():
    first, second = (10, 10, 30, 30), (30, 10, 60, 30)
    drawing = Drawing().tool(first, 1).tool(second, 1).peak(first, 1, 0.7).peak(second, 1, 0.8)
    boxes = sorted((d.box.x, d.box.width) for d in interpret(drawing, (512, 640)).detections)
    assert boxes == [(80, 160), (240, 240)]


def test_positions_are_as_sure_along_the_line_of_sight_as_depth_is():
    size = (256, 320)
    seen = interpret(TWO_TOOLS, size, camera_of(size))
    scale = DepthScale(1.5, 0.03, shape_deviation=0.04)
    for before, after in zip(seen.detections, seen.scaled(scale).detections, strict=True):
        assert math.isnan(before.position_deviation)
        assert after.position == pytest.approx([1.5 * value for value in before.position])
        assert after.position_deviation == pytest.approx(0.05 * math.hypot(*after.position))


def test_instrument_that_was_measured_is_placed_by_its_own_factor():
    size = (256, 320)
    axis = ShaftAxis((0.0, 0.0, 0.1), (1.0, 0.0, 0.0), 0.001, 0.01, 0.0086)
    own = InstrumentScale(math.log(1.2), 0.02)
    scale = DepthScale(1.5, 0.3, shape_deviation=0.4, axes={1: axis}, instruments={1: own})
    seen = interpret(TWO_TOOLS, size, camera_of(size))
    scaled = seen.scaled(scale)
    for before, after in zip(seen.detections, scaled.detections, strict=True):
        measured = after.instance_id == 1
        assert after.position == pytest.approx([(1.8 if measured else 1.5) * value for value in before.position])
        deviation = 0.02 if measured else 0.5
        assert after.position_deviation == pytest.approx(deviation * math.hypot(*after.position))
        assert after.axis is (axis if measured else None)
    shaped = replace(scale, shape=np.zeros_like(seen.cell_depth))
    assert np.allclose(seen.scaled(shaped).cell_depth, 1.5 * seen.cell_depth, equal_nan=True)


def test_without_a_camera_no_position_is_known_and_neither_is_its_deviation():
    seen = interpret(TWO_TOOLS, (256, 320)).scaled(DepthScale(1.5, 0.03))
    assert all(math.isnan(found.position_deviation) for found in seen.detections)
