"""Detections, labels and markers as messages."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mt3dnet_ros.perception.scale.depth_scale import DepthScale, SupportingSource
from mt3dnet_ros.perception.scene import Box, Detection, ShaftAxis
from mt3dnet_ros.perception.taxonomy import LabelClass, Taxonomy
from mt3dnet_ros.ros.messages.detections import fill_detections, read_detections
from mt3dnet_ros.ros.messages.labels import fill_label_info, read_palette
from mt3dnet_ros.ros.messages.markers import fill_markers

TAXONOMY = Taxonomy('colours', (LabelClass(0, 'background', (0, 0, 0)), LabelClass(1, 'forceps', (255, 51, 0))))
SEEN = Detection(
    1, 'forceps', 0.75, 2, Box(3, 4, 50, 60), (0.01, 0.02, 0.1), (0.03, 0.04, 0.0), (0.0, 0.0, 0.09), (0.75, 0.25)
)
WITH_AXIS = replace(
    SEEN, axis=ShaftAxis((0.01, 0.02, 0.09), (0.6, 0.0, 0.8), 0.002, 0.01, 0.0083), position_deviation=0.004
)
FLAT = Detection(1, 'forceps', 0.5, -1, Box(0, 0, 5, 5))
TIPLESS = Detection(7, 'unheard of', 0.5, 1, Box(0, 0, 5, 5), (0.0, 0.0, 0.1), (0.01, 0.01, 0.01))
HEADER = Header(frame_id='optical')


def test_a_detection_keeps_every_value() -> None:
    message = fill_detections([SEEN], HEADER)
    detection = message.detections[0]
    assert (detection.class_id, detection.class_name, detection.score) == (1, 'forceps', 0.75)
    assert detection.instance_id == 2
    box = detection.box
    assert (box.x_offset, box.y_offset, box.width, box.height) == (3, 4, 50, 60)
    assert (detection.position.x, detection.position.y, detection.position.z) == SEEN.position
    assert (detection.extent.x, detection.extent.y, detection.extent.z) == SEEN.extent
    assert detection.tip.z == 0.09
    assert list(detection.class_scores) == [0.75, 0.25]
    assert message.header == HEADER


def test_a_detection_says_how_sure_its_place_is_and_where_the_axis_of_its_shaft_lies() -> None:
    detection = fill_detections([WITH_AXIS], HEADER).detections[0]
    assert detection.position_deviation == 0.004
    axis = detection.axis
    assert (axis.point.x, axis.point.y, axis.point.z) == (0.01, 0.02, 0.09)
    assert (axis.direction.x, axis.direction.y, axis.direction.z) == (0.6, 0.0, 0.8)
    assert (axis.deviation, axis.angle_deviation, axis.diameter) == (0.002, 0.01, 0.0083)


def test_detections_come_back_as_they_were() -> None:
    tracked = replace(WITH_AXIS, track_id=3, track_age=1.5, tip_velocity=(0.1, 0.0, 0.0), tip_covariance=(0.5,) * 36)
    read = read_detections(fill_detections([tracked, FLAT], HEADER))
    assert repr(read) == repr([tracked, FLAT])  # in which NaN is NaN


def test_the_palette_comes_back_as_it_was() -> None:
    message = fill_label_info(TAXONOMY, 0.5, HEADER)
    assert np.array_equal(read_palette(message), TAXONOMY.palette())
    message.ids = [0, 300]
    message.colors[1].r = math.nan
    assert not read_palette(message).any()


def test_what_is_unknown_is_nan() -> None:
    detection = fill_detections([FLAT], HEADER).detections[0]
    assert detection.instance_id == -1
    assert math.isnan(detection.position.x)
    assert math.isnan(detection.extent.z)
    assert math.isnan(detection.tip.y)
    assert math.isnan(detection.position_deviation)
    axis = detection.axis
    assert all(map(math.isnan, (axis.point.z, axis.direction.x, axis.deviation, axis.angle_deviation, axis.diameter)))


def test_the_axis_of_a_shaft_is_a_line_through_its_point() -> None:
    line = fill_markers([WITH_AXIS], [], TAXONOMY, HEADER).markers[-1]
    assert (line.ns, line.type) == ('axes', Marker.LINE_STRIP)
    near, far = line.points
    assert (near.x, near.y, near.z) == pytest.approx((-0.002, 0.02, 0.074))
    assert (far.x, far.y, far.z) == pytest.approx((0.022, 0.02, 0.106))


def test_numbers_of_numpy_are_taken() -> None:
    values = np.array([0.1, 0.2, 0.3], np.float32)
    detection = Detection(1, 'forceps', np.float32(0.5), 1, Box(1, 1, 2, 2), tuple(values))
    assert fill_detections([detection], HEADER).detections[0].position.z == pytest.approx(0.3)


def test_nothing_seen_is_an_empty_array() -> None:
    assert fill_detections([], HEADER).detections == []


def test_label_info_lists_ids_names_and_colours() -> None:
    info = fill_label_info(TAXONOMY, 0.5, HEADER)
    assert (info.taxonomy, list(info.ids), list(info.names)) == ('colours', [0, 1], ['background', 'forceps'])
    assert info.threshold == 0.5
    assert (info.colors[1].r, info.colors[1].b, info.colors[1].a) == (1.0, 0.0, 1.0)
    assert info.colors[1].g == pytest.approx(0.2)


def test_markers_begin_by_deleting_those_of_before() -> None:
    assert [marker.action for marker in fill_markers([], [], TAXONOMY, HEADER).markers] == [Marker.DELETEALL]


def test_a_detection_becomes_a_box_a_name_and_a_tip() -> None:
    _, box, name, tip = fill_markers([SEEN], [], TAXONOMY, HEADER).markers
    assert (box.ns, name.ns, tip.ns) == ('boxes', 'names', 'tips')
    assert (box.pose.position.x, box.pose.position.y, box.pose.position.z) == SEEN.position
    assert (box.scale.x, box.scale.y) == (0.03, 0.04)
    assert box.scale.z > 0.0  # RViz complains about flat boxes
    assert box.color.r == 1.0
    assert name.text == 'forceps 0.75'
    assert name.pose.position.y < box.pose.position.y - 0.5 * box.scale.y  # above: y points down
    assert tip.pose.position.z == 0.09
    assert {marker.header.frame_id for marker in (box, name, tip)} == {'optical'}


def test_what_has_no_position_has_no_markers_and_ids_are_unique() -> None:
    markers = fill_markers([FLAT, SEEN, TIPLESS], [], TAXONOMY, HEADER).markers[1:]
    assert [marker.ns for marker in markers] == ['boxes', 'names', 'tips', 'boxes', 'names']
    assert len({(marker.ns, marker.id) for marker in markers}) == len(markers)


@pytest.mark.parametrize(
    ('scale', 'text', 'green'),
    [
        (DepthScale(1.254, 0.021, (SupportingSource('shaft', 1.26, 0.05, 0.4),)), 'scale 1.25 +- 2 % (shaft)', 1.0),
        (DepthScale(), 'scale: a guess', 0.86),
        (
            DepthScale(1.2, 0.1, (SupportingSource('robot', 1.2, 0.1, 0.0),), ('two',)),
            'scale 1.20 +- 10 % (robot)',
            0.24,
        ),
    ],
)
def test_the_scale_is_written_at_the_camera_in_the_colour_of_its_doubt(
    scale: DepthScale, text: str, green: float
) -> None:
    marker = fill_markers([], [], TAXONOMY, HEADER, scale).markers[-1]
    assert (marker.ns, marker.text) == ('scale', text)
    assert marker.color.g == pytest.approx(green, abs=0.01)
