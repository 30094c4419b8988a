"""Scanpath and gaze as messages and as markers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mt3dnet_ros.perception.scene import UNKNOWN, Box, Detection, Fixation
from mt3dnet_ros.perception.taxonomy import LabelClass, Taxonomy
from mt3dnet_ros.ros.messages.markers import fill_markers, scanpath_markers
from mt3dnet_ros.ros.messages.scanpath import fill_gaze, fill_scanpath, read_scanpath

HEADER = Header(frame_id='optical')
FIRST = Fixation(2, 3, (40, 30), (0.01, 0.02, 0.1), 0.6, 1)
SECOND = Fixation(1, 5, (90, 20), (0.03, -0.01, 0.08), 0.3, 2)
UNPLACED = Fixation(3, 1, (5, 6), UNKNOWN, 0.1, 3)
PATH = (FIRST, SECOND, UNPLACED)


def test_a_fixation_keeps_every_value() -> None:
    message = fill_scanpath([FIRST], HEADER)
    stop = message.fixations[0]
    assert message.header == HEADER
    assert (stop.instance_id, stop.class_id, stop.x, stop.y, stop.order) == (2, 3, 40.0, 30.0, 1)
    assert (stop.position.x, stop.position.y, stop.position.z) == FIRST.point


def test_weights_are_shares_in_the_message() -> None:
    weights = [stop.weight for stop in fill_scanpath([FIRST, SECOND], HEADER).fixations]
    assert weights == pytest.approx([2 / 3, 1 / 3])


def test_where_nothing_is_salient_shares_are_equal() -> None:
    dark = [replace(fixation, weight=0.0) for fixation in PATH]
    assert [stop.weight for stop in fill_scanpath(dark, HEADER).fixations] == pytest.approx([1 / 3] * 3)


def test_a_scanpath_comes_back_as_it_was() -> None:
    for found, sent in zip(read_scanpath(fill_scanpath(PATH, HEADER)), PATH, strict=True):
        np.testing.assert_array_equal(found.point, sent.point)
        assert replace(found, point=sent.point, weight=sent.weight) == sent
        assert found.weight == pytest.approx(sent.weight)


def test_nothing_seen_is_an_empty_scanpath() -> None:
    assert fill_scanpath([], HEADER).fixations == []
    assert scanpath_markers([], HEADER) == []


def test_gaze_is_a_point_in_the_frame_of_the_image() -> None:
    message = fill_gaze((0.01, -0.02, 0.1), HEADER)
    assert message is not None
    assert message.header == HEADER
    assert (message.point.x, message.point.y, message.point.z) == (0.01, -0.02, 0.1)


@pytest.mark.parametrize('gaze', [UNKNOWN, (0.0, 0.0, float('nan')), (float('inf'), 0.0, 0.1)])
def test_an_unknown_gaze_is_no_message(gaze: tuple[float, float, float]) -> None:
    assert fill_gaze(gaze, HEADER) is None


def test_fixations_are_numbered_spheres_on_a_line_in_visiting_order() -> None:
    path, *stops = scanpath_markers(PATH, HEADER)
    assert path.type == Marker.LINE_STRIP
    assert [(point.x, point.y, point.z) for point in path.points] == [FIRST.point, SECOND.point]
    spheres = [marker for marker in stops if marker.type == Marker.SPHERE]
    numbers = [marker for marker in stops if marker.type == Marker.TEXT_VIEW_FACING]
    assert [marker.pose.position.z for marker in spheres] == [0.1, 0.08]
    assert [marker.text for marker in numbers] == ['1', '2']
    for sphere, number in zip(spheres, numbers, strict=True):
        assert number.pose.position.y < sphere.pose.position.y - 0.5 * sphere.scale.y  # above: y points down
    assert spheres[0].color != spheres[1].color  # the eye finds where the path begins


def test_one_fixation_alone_needs_no_line() -> None:
    assert [marker.type for marker in scanpath_markers([FIRST, UNPLACED], HEADER)] == [
        Marker.SPHERE,
        Marker.TEXT_VIEW_FACING,
    ]


def test_markers_of_scanpath_and_detections_go_together_after_those_of_before_are_deleted() -> None:
    taxonomy = Taxonomy('colours', (LabelClass(0, 'background', (0, 0, 0)), LabelClass(1, 'forceps', (255, 51, 0))))
    seen = Detection(1, 'forceps', 0.75, 2, Box(3, 4, 50, 60), (0.01, 0.02, 0.1), (0.03, 0.04, 0.0), (0.0, 0.0, 0.09))
    first, *markers = fill_markers([seen], PATH, taxonomy, HEADER).markers
    assert first.action == Marker.DELETEALL
    assert {marker.ns for marker in markers} == {'boxes', 'names', 'tips', 'scanpath', 'fixations', 'fixation numbers'}
    assert len({(marker.ns, marker.id) for marker in markers}) == len(markers)
    assert {marker.header.frame_id for marker in markers} == {'optical'}
