"""Rays and projection against OpenCV, and against each other."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera, read_distortion
from mt3dnet_ros.geometry.rays import project, ray_grid, ray_planes, rays

LENSES = {
    'none': ('none', ()),
    'plumb_bob 4': ('plumb_bob', (-0.2, 0.05, 0.001, -0.0005)),
    'plumb_bob barrel': ('plumb_bob', (-0.38, 0.16, 0.001, -0.0005, -0.03)),
    'plumb_bob pincushion': ('plumb_bob', (0.3, 0.1, -0.002, 0.001, 0.02)),
    'rational 8': ('rational_polynomial', (0.5, 0.1, 0.001, 0.0005, 0.01, 0.8, 0.2, 0.03)),
    'rational 12, thin prism': (
        'rational_polynomial',
        (0.5, 0.1, 0.001, 0.0005, 0.01, 0.8, 0.2, 0.03, 0.001, 0.0002, -0.001, 0.0003),
    ),
    'rational 14, tilted': (
        'rational_polynomial',
        (0.5, 0.1, 0.001, 0.0005, 0.01, 0.8, 0.2, 0.03, 0.001, 0.0002, -0.001, 0.0003, 0.02, -0.03),
    ),
    'equidistant': ('equidistant', (0.05, -0.01, 0.003, -0.001)),
    'equidistant without coefficients': ('equidistant', (0.0, 0.0, 0.0, 0.0)),
}


def endoscope(lens: str, width: int = 320, height: int = 256) -> Camera:
    scale = width / 320
    model, distortion = LENSES[lens]
    return Camera(width, height, 262.0 * scale, 265.0 * scale, 161.3 * scale, 124.2 * scale, model, distortion)


AS_WRITTEN = {
    'plumb_bob with 8, the last 0': ('plumb_bob', (-0.38, 0.16, 0.001, -0.0005, -0.03, 0.0, 0.0, 0.0)),
    'rational_polynomial with 5': ('rational_polynomial', (-0.38, 0.16, 0.001, -0.0005, -0.03)),
    'radtan': ('radtan', (-0.2, 0.05, 0.001, -0.0005)),
    'fisheye of zeros': ('fisheye', (0.0, 0.0, 0.0, 0.0)),
    'kannala_brandt4': ('kannala_brandt4', (0.05, -0.01, 0.003, -0.001)),
    'fisheye without any': ('fisheye', ()),
}
LENSES |= {name: read_distortion(*written) for name, written in AS_WRITTEN.items()}


@pytest.fixture(params=LENSES)
def camera(request) -> Camera:
    return endoscope(request.param)


@pytest.fixture
def points() -> np.ndarray:
    generator = np.random.default_rng(3)
    depth = generator.uniform(0.03, 0.3, 500)
    return np.stack([depth * generator.uniform(-0.6, 0.6, 500), depth * generator.uniform(-0.5, 0.5, 500), depth], -1)


def opencv_project(camera: Camera, points: np.ndarray) -> np.ndarray:
    still, coefficients = np.zeros(3), np.array(camera.distortion)
    if camera.distortion_model == 'equidistant':
        pixels, _ = cv2.fisheye.projectPoints(points[:, None], still, still, camera.matrix, coefficients)
    else:
        pixels, _ = cv2.projectPoints(points, still, still, camera.matrix, coefficients if len(coefficients) else None)
    return pixels[:, 0]


def opencv_rays(camera: Camera, pixels: np.ndarray) -> np.ndarray:
    coefficients, pixels = np.array(camera.distortion), pixels[:, None].astype(np.float64)
    if camera.distortion_model == 'equidistant':
        return cv2.fisheye.undistortPoints(pixels, camera.matrix, coefficients)[:, 0]
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-12)
    coefficients = coefficients if len(coefficients) else None
    return cv2.undistortPointsIter(pixels, camera.matrix, coefficients, np.eye(3), camera.matrix, criteria)[:, 0]


def test_projection_agrees_with_opencv(camera, points):
    assert np.allclose(project(camera, points), opencv_project(camera, points), atol=1e-6)


@pytest.mark.parametrize('name', AS_WRITTEN)
def test_a_distortion_as_calibrations_write_it_projects_as_opencv_does_with_the_same_numbers(name, points):
    camera, (_, written) = endoscope(name), AS_WRITTEN[name]
    still, coefficients = np.zeros(3), np.array(written or [0.0] * 4)
    if camera.distortion_model == 'equidistant':
        expected, _ = cv2.fisheye.projectPoints(points[:, None], still, still, camera.matrix, coefficients)
    else:
        expected, _ = cv2.projectPoints(points, still, still, camera.matrix, coefficients)
    assert np.abs(project(camera, points) - expected[:, 0]).max() < 1e-6


def test_rays_agree_with_opencv(camera):
    pixels = np.stack(np.meshgrid(np.arange(0, 320, 40), np.arange(0, 256, 30)), -1).reshape(-1, 2)
    expected = opencv_rays(camera, pixels)
    ours = rays(camera, pixels)[:, :2]
    if camera.distortion_model != 'equidistant':  # undistortPointsIter answers in pixels here
        ours = ours * (camera.fx, camera.fy) + (camera.cx, camera.cy)
        assert np.allclose(ours, expected, atol=1e-4)
    else:
        assert np.allclose(ours, expected, atol=1e-6)


def test_every_pixel_of_the_grid_projects_onto_itself(camera):
    columns, rows = np.meshgrid(np.arange(320), np.arange(256))
    grid = ray_grid(camera)
    assert np.isfinite(grid).all()
    assert np.abs(project(camera, grid) - np.stack([columns, rows], -1)).max() < 1e-3


def test_points_come_back_from_their_pixels(camera, points):
    assert np.allclose(rays(camera, project(camera, points)) * points[:, 2:], points, atol=1e-9)


def test_strided_grid_takes_every_nth_ray(camera):
    assert np.allclose(ray_grid(camera, 3), ray_grid(camera)[::3, ::3])


@pytest.mark.parametrize(('name', 'count'), [('none', 2), ('plumb_bob barrel', None)])
def test_planes_are_the_coordinates_of_the_grid(name, count):
    camera = endoscope(name)
    grid, planes = ray_grid(camera, 2), ray_planes(camera, 2)
    whole = not np.isnan(grid[..., 2]).any()
    assert len(planes) == (2 if whole else 3) and count in (None, len(planes))
    assert np.array_equal(np.stack([*planes, np.ones_like(planes[0])][:3], axis=-1), grid, equal_nan=True)


def test_grid_is_float32_with_unit_depth_and_read_only(camera):
    grid = ray_grid(camera, 2)
    assert (grid.shape, grid.dtype) == ((128, 160, 3), np.float32)
    assert (grid[..., 2] == 1.0).all()
    assert not grid.flags.writeable


def test_equal_cameras_share_one_grid():
    assert ray_grid(endoscope('plumb_bob barrel'), 2) is ray_grid(endoscope('plumb_bob barrel'), 2)


def test_pixel_beyond_the_fold_of_the_lens_has_no_ray():
    camera = Camera(1000, 1000, 400.0, 400.0, 499.5, 499.5, 'plumb_bob', (-0.4, 0.0, 0.0, 0.0))
    # x (1 - 0.4 x^2) rises up to x = sqrt(1 / 1.2), where it images 0.6086: 243 pixels from the centre
    row = rays(camera, np.stack([np.arange(500, 1000), np.full(500, 499.5)], -1))
    seen = np.isfinite(row).all(axis=1)
    assert seen[:240].all()
    assert not seen[247:].any()


def test_fisheye_sees_less_than_half_the_world():
    camera = Camera(1000, 1000, 300.0, 300.0, 499.5, 499.5, 'equidistant', (0.0, 0.0, 0.0, 0.0))
    row = rays(camera, np.stack([np.arange(500, 1000), np.full(500, 499.5)], -1))
    seen = np.isfinite(row).all(axis=1)
    assert seen[:470].all()  # 90 degrees lie 471 pixels from the centre
    assert not seen[472:].any()


@pytest.mark.parametrize('point', [(0.01, 0.01, -0.1), (0.01, 0.01, 0.0), (np.nan, 0.0, 0.1)])
def test_point_that_is_not_in_front_has_no_pixel(camera, point):
    assert np.isnan(project(camera, np.array(point))).any()


def test_point_beyond_the_fold_has_no_pixel():
    camera = Camera(640, 512, 400.0, 400.0, 320.0, 256.0, 'plumb_bob', (-0.4, 0.0, 0.0, 0.0))
    assert np.isnan(project(camera, np.array([1.2, 0.0, 1.0]))).all()
    assert np.isfinite(project(camera, np.array([0.8, 0.0, 1.0]))).all()


def test_stride_below_one_is_refused():
    with pytest.raises(ValueError, match='stride 0'):
        ray_grid(endoscope('none'), 0)


@pytest.mark.parametrize('lens', ['plumb_bob barrel', 'rational 14, tilted', 'equidistant'])
def test_full_grid_is_made_in_reasonable_time(lens):
    camera = endoscope(lens, 1280, 1024)
    ray_grid.cache_clear()
    start = time.process_time()
    ray_grid(camera)
    assert time.process_time() - start < 3.0  # 0.3 s alone on a machine; the tests share theirs
