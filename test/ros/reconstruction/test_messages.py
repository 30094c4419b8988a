"""Surfaces, meshes, poses and distances as messages."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import Point
from rclpy.serialization import deserialize_message
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from mt3dnet_ros.msg import Detection, DetectionArray
from mt3dnet_ros.reconstruction.tip_distance import TipDistance
from mt3dnet_ros.ros.messages.transforms import rotation_of
from mt3dnet_ros.ros.reconstruction import mesh
from mt3dnet_ros.ros.reconstruction.messages import (
    bulk_surface,
    fill_distances,
    fill_odometry,
    fill_transforms,
    read_tips,
)
from mt3dnet_ros.viewer.messages import read_points

RANDOM = np.random.default_rng(5)
XYZ, RGB = RANDOM.random((40, 3)).astype(np.float32), RANDOM.integers(0, 256, (40, 3), np.uint8)


def test_a_surface_is_a_cloud_with_colours_and_ages() -> None:
    message = bulk_surface(XYZ, RGB, np.arange(40, dtype=np.float32), Header(frame_id='map')).whole()
    xyz, rgb = read_points(message, 100)
    np.testing.assert_array_equal(xyz, XYZ)
    np.testing.assert_array_equal(rgb, RGB)
    assert np.frombuffer(message.data, np.float32).reshape(40, 5)[:, 4].tolist() == [*range(40)]
    empty = bulk_surface(XYZ[:0], RGB[:0], np.zeros(0, np.float32), Header()).whole()
    assert (empty.width, len(empty.data)) == (0, 0)


@pytest.mark.parametrize('frame_id', ['', 'm', 'ma', 'map', 'maps', 'the_map'])  # every alignment of what follows
@pytest.mark.parametrize('spliced', [True, False])
def test_triangles_arrive_with_their_colours(frame_id: str, spliced: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not spliced:
        monkeypatch.setattr(mesh, '_can_be_spliced', lambda: False)
    triangles = RANDOM.integers(0, 40, (30, 3))
    data = mesh.serialized_mesh(XYZ, RGB, triangles, Header(frame_id=frame_id))
    marker = deserialize_message(data, Marker)
    corners = triangles.ravel()
    np.testing.assert_array_equal([(point.x, point.y, point.z) for point in marker.points], XYZ[corners])
    np.testing.assert_allclose(
        [(each.r, each.g, each.b, each.a) for each in marker.colors][3], [*RGB[corners[3]] / 255.0, 1]
    )
    assert (marker.type, marker.action, marker.header.frame_id) == (Marker.TRIANGLE_LIST, Marker.ADD, frame_id)
    assert marker.scale.x == marker.pose.orientation.w == 1.0


def test_the_middleware_of_these_tests_takes_meshes_as_arrays() -> None:
    assert mesh._can_be_spliced()


def test_a_mesh_without_triangles_takes_the_last_one_away() -> None:
    data = mesh.serialized_mesh(XYZ[:0], RGB[:0], np.zeros((0, 3), int), Header(frame_id='map'))
    assert deserialize_message(data, Marker).action == Marker.DELETE


def test_a_pose_is_an_odometry_and_a_transform() -> None:
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = [[0, -1, 0], [1, 0, 0], [0, 0, 1]], (0.1, 0.2, 0.3)
    place: Any = SimpleNamespace(covariance=None, pose=None)
    odometry: Any = SimpleNamespace(pose=place, twist=SimpleNamespace(covariance=None))
    header = Header(frame_id='map')
    filled = fill_odometry(odometry, pose, header, 'scope')
    assert (filled.header.frame_id, filled.child_frame_id, filled.pose.pose.position.z) == ('map', 'scope', 0.3)
    assert len(filled.pose.covariance) == len(filled.twist.covariance) == 36 and filled.twist.covariance[0] < 0
    (transform,) = fill_transforms(SimpleNamespace(), pose, header, 'scope').transforms
    np.testing.assert_allclose(rotation_of(transform.transform.rotation), pose[:3, :3], atol=1e-9)
    assert (transform.header.frame_id, transform.child_frame_id) == ('map', 'scope')


def test_tips_are_those_of_tracks_with_what_is_known_of_their_deviation() -> None:
    place = Point(x=0.0, y=0.0, z=0.1)
    unknown = [math.nan] * 36
    full = np.diag([1.0, 2.0, 3.0, 0.0, 0.0, 0.0]).ravel().tolist()
    tracked = Detection(track_id=3, tip=place, tip_covariance=full)
    by_depth = Detection(track_id=4, tip=place, tip_covariance=unknown, position_deviation=0.002)
    nothing = Detection(track_id=5, tip=place, tip_covariance=unknown, position_deviation=math.nan)
    tips = read_tips(DetectionArray(detections=[tracked, by_depth, nothing, Detection(track_id=-1, tip=place)]))
    assert [tip.track_id for tip in tips] == [3, 4, 5] and tips[2].covariance is None
    np.testing.assert_array_equal(tips[0].covariance, np.diag([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(tips[1].covariance, np.diag([0.0, 0.0, 4e-6]))


def test_a_distance_has_both_places() -> None:
    measured = TipDistance(3, (0.0, 0.0, 0.1), (0.0, 0.0, 0.12), 0.02, math.nan)
    (found,) = fill_distances([measured], Header()).distances
    assert (found.track_id, found.tip.z, found.nearest.z, found.distance) == (3, 0.1, 0.12, 0.02)
    assert math.isnan(found.deviation)
