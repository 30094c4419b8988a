"""The stereo pair: frames, baseline, and what resizing and cropping do to it."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera, CameraError
from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.geometry.stereo import StereoCamera

STRAIGHT = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
TURNED = (0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)  # a quarter turn around the optical axis
LEFT = Camera(1280, 1024, 1000.0, 1000.0, 580.0, 500.0)
RIGHT = Camera(1280, 1024, 1000.0, 1000.0, 680.0, 500.0)
PAIR = StereoCamera(LEFT, RIGHT, STRAIGHT, (-0.004, 0.0, 0.0))
POINTS = np.array([[0.01, -0.02, 0.1], [-0.03, 0.015, 0.05]])


def test_baseline_is_the_distance_of_the_cameras():
    assert StereoCamera(LEFT, RIGHT, TURNED, (-0.003, 0.004, 0.0)).baseline == pytest.approx(0.005)


def test_disparity_contains_the_difference_of_the_principal_points():
    disparity = project(PAIR.left, POINTS)[:, 0] - project(PAIR.right, PAIR.to_right(POINTS))[:, 0]
    assert np.allclose(disparity, 1000.0 * 0.004 / POINTS[:, 2] + (580.0 - 680.0))


def test_right_frame_is_rotated_then_moved():
    pair = StereoCamera(LEFT, RIGHT, TURNED, (0.1, 0.2, 0.3))
    assert np.allclose(pair.to_right(np.array([1.0, 2.0, 3.0])), [-2.0 + 0.1, 1.0 + 0.2, 3.0 + 0.3])


def test_way_to_the_right_camera_and_back_ends_where_it_began():
    pair = StereoCamera(LEFT, RIGHT, TURNED, (0.1, 0.2, 0.3))
    assert np.allclose(pair.to_left(pair.to_right(POINTS)), POINTS)


def test_resizing_and_cropping_apply_to_both_images():
    cropped, resized = PAIR.cropped(100, 40, 800, 600), PAIR.resized(640, 512)
    assert (cropped.left.cx, cropped.right.cx, cropped.right.cy) == (480.0, 580.0, 460.0)
    assert (resized.left.fx, resized.right.fx, resized.right.width) == (500.0, 500.0, 640)
    assert cropped.translation == resized.translation == PAIR.translation


@pytest.mark.parametrize(
    ('rotation', 'translation', 'message'),
    [
        ((0.01, 0.02, 0.03), (-0.004, 0.0, 0.0), 'nine numbers of a rotation matrix'),
        ((2.0,) + STRAIGHT[1:], (-0.004, 0.0, 0.0), 'nine numbers of a rotation matrix'),
        ((-1.0,) + STRAIGHT[1:], (-0.004, 0.0, 0.0), 'nine numbers of a rotation matrix'),
        (STRAIGHT, (0.0, 0.0, 0.0), 'not all 0'),
        (STRAIGHT, (float('nan'), 0.0, 0.1), 'three numbers in metres'),
    ],
)
def test_impossible_pair_is_refused_with_the_value(rotation, translation, message):
    with pytest.raises(CameraError, match=message):
        StereoCamera(LEFT, RIGHT, rotation, translation)
