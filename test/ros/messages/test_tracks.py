"""Tracks as messages, and what a detection says of its track."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mt3dnet_ros.perception.scene import Box, Detection, Track, Tracks
from mt3dnet_ros.perception.taxonomy import LabelClass, Taxonomy
from mt3dnet_ros.ros.messages.detections import fill_detections
from mt3dnet_ros.ros.messages.markers import FORESIGHT, fill_markers
from mt3dnet_ros.ros.messages.tracks import fill_tracks

TAXONOMY = Taxonomy('colours', (LabelClass(0, 'background', (0, 0, 0)), LabelClass(1, 'forceps', (255, 51, 0))))
HEADER = Header(frame_id='optical')
COVARIANCE = tuple(np.arange(36.0).tolist())
SEEN = Track(4, 1, 'forceps', 0.75, 2.5, 0.0, 2, (0.01, 0.02, 0.1), (0.03, 0.0, -0.01), COVARIANCE)
DETECTION = Detection(
    1, 'forceps', 0.9, 2, Box(3, 4, 50, 60), (0.0, 0.0, 0.1), (0.01,) * 3, (0.01, 0.02, 0.1), track_id=4, track_age=2.5,
    tip_velocity=(0.03, 0.0, -0.01), tip_covariance=COVARIANCE,
)  # fmt: skip


def test_a_track_keeps_every_value() -> None:
    message = fill_tracks(Tracks((SEEN,), (4,), (1, 3)), HEADER)
    assert message.header == HEADER
    assert (list(message.born), list(message.ended)) == ([4], [1, 3])
    track = message.tracks[0]
    assert (track.id, track.class_id, track.class_name, track.class_probability) == (4, 1, 'forceps', 0.75)
    assert (track.age, track.unseen, track.instance_id) == (2.5, 0.0, 2)
    assert (track.tip.x, track.tip.y, track.tip.z) == SEEN.tip
    assert (track.tip_velocity.x, track.tip_velocity.y, track.tip_velocity.z) == SEEN.tip_velocity
    assert tuple(track.tip_covariance) == COVARIANCE


def test_what_is_unknown_of_a_track_is_nan() -> None:
    track = fill_tracks(Tracks((Track(1, 1, 'forceps', 0.5, 1.0, 0.5, -1),)), HEADER).tracks[0]
    assert track.instance_id == -1
    assert math.isnan(track.tip.x) and math.isnan(track.tip_velocity.z)
    assert np.isnan(track.tip_covariance).all()


def test_a_detection_says_which_track_it_belongs_to() -> None:
    found = fill_detections([DETECTION], HEADER).detections[0]
    assert (found.track_id, found.track_age) == (4, 2.5)
    assert (found.tip_velocity.x, found.tip_velocity.z) == (0.03, -0.01)
    assert tuple(found.tip_covariance) == COVARIANCE


def test_a_detection_without_a_track_says_so() -> None:
    found = fill_detections([Detection(1, 'forceps', 0.5, -1, Box(0, 0, 5, 5))], HEADER).detections[0]
    assert found.track_id == -1
    assert math.isnan(found.track_age) and math.isnan(found.tip_velocity.x)
    assert np.isnan(found.tip_covariance).all()


def test_markers_show_the_id_and_where_the_tip_goes() -> None:
    markers = {marker.ns: marker for marker in fill_markers([DETECTION], [], TAXONOMY, HEADER).markers}
    assert markers['names'].text == '#4 forceps 0.90'
    arrow = markers['velocities']
    assert arrow.type == Marker.ARROW
    assert arrow.points[1].x - arrow.points[0].x == pytest.approx(FORESIGHT * 0.03)


def test_a_tip_whose_velocity_is_unknown_has_no_arrow() -> None:
    still = replace(DETECTION, tip_velocity=(math.nan,) * 3, track_id=-1)
    markers = {marker.ns: marker for marker in fill_markers([still], [], TAXONOMY, HEADER).markers}
    assert 'velocities' not in markers and markers['names'].text == 'forceps 0.90'
