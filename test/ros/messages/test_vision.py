"""Detections as messages of vision_msgs."""

from __future__ import annotations

import math

import pytest

pytest.importorskip('vision_msgs', reason='vision_msgs comes with a ROS installation, not from PyPI')

from std_msgs.msg import Header

from mt3dnet_ros.perception.scene import Box, Detection
from mt3dnet_ros.perception.taxonomy import LabelClass, Taxonomy
from mt3dnet_ros.ros.messages.vision import fill_detections_2d, fill_detections_3d

NAMES = ('background', 'forceps', 'scissors', 'probe')
TAXONOMY = Taxonomy('three', tuple(LabelClass(number, name, (0, 0, 0)) for number, name in enumerate(NAMES)))
SCORES = (0.1, 0.7, 0.0)
SEEN = Detection(
    2, 'scissors', 0.7, 1, Box(3, 4, 50, 61), (0.01, 0.02, 0.1), (0.03, 0.04, math.nan), class_scores=SCORES
)
FLAT = Detection(1, 'forceps', 0.5, -1, Box(0, 0, 5, 5))
HEADER = Header(frame_id='optical')


def test_a_box_in_pixels_has_its_centre_and_size() -> None:
    message = fill_detections_2d([SEEN, FLAT], TAXONOMY, HEADER)
    assert message.header == HEADER and [found.header for found in message.detections] == [HEADER, HEADER]
    box = message.detections[0].bbox
    center = box.center.position
    assert (center.x, center.y, box.center.theta, box.size_x, box.size_y) == (28.0, 34.5, 0.0, 50.0, 61.0)
    assert (center.x - box.size_x / 2, center.y - box.size_y / 2) == (SEEN.box.x, SEEN.box.y)
    assert message.detections[0].id == ''  # nothing is tracked


def test_classes_are_named_with_the_chosen_one_first() -> None:
    results = fill_detections_2d([SEEN, FLAT], TAXONOMY, HEADER).detections[0].results
    found = [(result.hypothesis.class_id, result.hypothesis.score) for result in results]
    assert found == [('scissors', 0.7), ('forceps', 0.1)]
    (result,) = fill_detections_2d([FLAT], TAXONOMY, HEADER).detections[0].results
    assert (result.hypothesis.class_id, result.hypothesis.score) == ('forceps', 0.5)


def test_a_box_in_space_has_position_extent_and_no_rotation() -> None:
    (found,) = fill_detections_3d([FLAT, SEEN], TAXONOMY, HEADER).detections  # of FLAT no position is known
    pose = found.bbox.center
    assert (pose.position.x, pose.position.y, pose.position.z) == SEEN.position
    assert (pose.orientation.x, pose.orientation.y, pose.orientation.z, pose.orientation.w) == (0.0, 0.0, 0.0, 1.0)
    assert (found.bbox.size.x, found.bbox.size.y, found.bbox.size.z) == (0.03, 0.04, 0.0)
    assert [result.hypothesis.class_id for result in found.results] == ['scissors', 'forceps']
    assert all(result.pose.pose == pose for result in found.results)
    assert found.header == HEADER


def test_nothing_seen_is_an_empty_array() -> None:
    assert fill_detections_2d([], TAXONOMY, HEADER).detections == []
    assert fill_detections_3d([], TAXONOMY, HEADER).detections == []
