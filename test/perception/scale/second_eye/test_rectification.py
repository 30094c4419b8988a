"""Views of a pair of cameras are rectified by each camera's own principal point, and found again."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.stereo_scene import HEIGHT, WIDTH, squinting_cameras

from mt3dnet_ros.geometry.rays import project, rays
from mt3dnet_ros.perception.scale.second_eye.rectification import StereoError, rectify

REACH = (0.03, 0.2)
LENS = (-0.25, 0.1, 0.001, -0.001, 0.0)


def test_principal_points_make_the_disparity_of_infinity():
    rectification = rectify(squinting_cameras(rotation=(0.0, 0.0, 0.0)))
    assert rectification.offset == pytest.approx(147.0 - 172.0, abs=0.5)
    assert rectification.focal_baseline == pytest.approx(400.0 * 4.35e-3, rel=0.01)


def test_searched_disparities_hold_the_reach():
    rectification = rectify(squinting_cameras())
    least, count = rectification.disparities(*REACH)
    nearest, farthest = (rectification.focal_baseline / depth + rectification.offset for depth in REACH)
    assert least <= farthest < least + 1
    assert least + count - 2 < nearest <= least + count - 1


def test_way_back_undoes_rectification():
    stereo = squinting_cameras(LENS)
    rectification = rectify(stereo)
    columns, rows = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    for grid in (columns, rows):
        back = rectification.to_left_image(cv2.remap(grid, *rectification.left_maps, cv2.INTER_LINEAR))
        inside = (slice(20, -20), slice(20, -20))
        np.testing.assert_allclose(back[inside], grid[inside], atol=0.75)  # nearest pixels are up to a half away


def test_swapped_cameras_are_refused():
    stereo = squinting_cameras()
    x, y, z = stereo.translation
    with pytest.raises(StereoError, match=r'second camera must lie to the right .*swap'):
        rectify(replace(stereo, translation=(-x, y, z)))


def test_fisheye_lens_is_refused():
    stereo = squinting_cameras()
    lens = replace(stereo.left, distortion_model='equidistant', distortion=(0.0,) * 4)
    with pytest.raises(StereoError, match='distortion model equidistant cannot be rectified'):
        rectify(replace(stereo, left=lens))


def test_ray_goes_where_both_rectified_views_have_the_same_row():
    stereo = squinting_cameras(LENS)
    rectification = rectify(stereo)
    points = np.array([[0.004, -0.006, 0.06], [-0.008, 0.003, 0.09], [0.0, 0.01, 0.05]])
    place, forward = rectification.position(rays(stereo.left, project(stereo.left, points)))
    pixels = project(stereo.right, stereo.to_right(points))
    for (column, row), share, point, pixel in zip(place, forward, points, pixels, strict=True):
        expected = column - (rectification.focal_baseline / (point[2] * share) + rectification.offset)
        shown = [cv2.remap(grid, *rectification.right_maps, cv2.INTER_LINEAR) for grid in _grids()]
        there = [cv2.remap(view, *np.float32([[[expected]], [[row]]]), cv2.INTER_LINEAR).item() for view in shown]
        np.testing.assert_allclose(there, pixel, atol=0.1)


def _grids() -> list[np.ndarray]:
    return np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
