"""How far two cameras differ."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.displacement import displacement

CAMERA = Camera(1281, 1025, 1000.0, 1000.0, 640.0, 512.0)
BARREL = replace(CAMERA, distortion_model='plumb_bob', distortion=(-0.3, 0.1, 0.001, -0.002, 0.0))


def test_a_camera_does_not_differ_from_itself():
    assert displacement(BARREL, replace(BARREL)) == 0.0


def test_a_longer_focal_length_moves_the_corner_most():
    assert displacement(CAMERA, replace(CAMERA, fx=1010.0, fy=1010.0)) == pytest.approx(0.01 * math.hypot(640, 512))


def test_a_principal_point_moves_every_pixel_alike():
    assert displacement(BARREL, replace(BARREL, cx=643.0, cy=508.0)) == pytest.approx(5.0, abs=1e-6)


def test_a_coefficient_moves_the_corner_of_the_image():
    radius = math.hypot(0.64, 0.512)
    other = replace(CAMERA, distortion_model='plumb_bob', distortion=(0.01, 0.0, 0.0, 0.0))
    assert displacement(CAMERA, other) == pytest.approx(1000.0 * 0.01 * radius**3, rel=1e-9)


@pytest.mark.parametrize(
    'other', [CAMERA.resized(640, 512), replace(CAMERA, distortion_model='plumb_bob', distortion=(-2.0, 0.0, 0.0, 0.0))]
)
def test_cameras_that_cannot_be_compared_are_infinitely_apart(other):
    assert displacement(CAMERA, other) == math.inf
