"""Detections, labels and markers as messages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mt3dnet_ros.perception.scene import Box, Detection
from mt3dnet_ros.perception.taxonomy import LabelClass, Taxonomy
from mt3dnet_ros.ros.messages.detections import fill_detections
from mt3dnet_ros.ros.messages.labels import fill_label_info
from mt3dnet_ros.ros.messages.markers import fill_markers

TAXONOMY = Taxonomy('colours', (LabelClass(0, 'background', (0, 0, 0)), LabelClass(1, 'forceps', (255, 51, 0))))
SEEN = Detection(
    1, 'forceps', 0.75, 2, Box(3, 4, 50, 60), (0.01, 0.02, 0.1), (0.03, 0.04, 0.0), (0.0, 0.0, 0.09), (0.75, 0.25)
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


def test_what_is_unknown_is_nan() -> None:
    detection = fill_detections([FLAT], HEADER).detections[0]
    assert detection.instance_id == -1
    assert math.isnan(detection.position.x)
    assert math.isnan(detection.extent.z)
    assert math.isnan(detection.tip.y)


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
