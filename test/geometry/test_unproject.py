"""Depth maps to points."""

from __future__ import annotations

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project
from mt3dnet_ros.geometry.unproject import unproject

CAMERA = Camera(64, 48, 55.0, 56.0, 31.0, 24.5, 'plumb_bob', (-0.3, 0.1, 0.001, -0.002, 0.0))


@pytest.fixture
def depth() -> np.ndarray:
    return np.random.default_rng(5).uniform(0.05, 0.2, (48, 64)).astype(np.float32)


@pytest.mark.parametrize('stride', [1, 2, 3, 5])
def test_points_lie_at_their_depth_and_on_their_pixel(depth, stride):
    points = unproject(CAMERA, depth, stride)
    columns, rows = np.meshgrid(np.arange(0, 64, stride), np.arange(0, 48, stride))
    assert points.dtype == np.float32
    assert np.array_equal(points[..., 2], depth[::stride, ::stride])
    assert np.abs(project(CAMERA, points) - np.stack([columns, rows], -1)).max() < 1e-3


def test_unknown_depth_gives_an_unknown_point(depth):
    depth[10, 20] = np.nan
    points = unproject(CAMERA, depth)
    assert np.isnan(points[10, 20]).all()
    assert np.isnan(points).any(axis=-1).sum() == 1


def test_point_that_the_lens_does_not_image_is_unknown():
    camera = Camera(1000, 10, 400.0, 400.0, 499.5, 4.5, 'plumb_bob', (-0.4, 0.0, 0.0, 0.0))
    points = unproject(camera, np.full((10, 1000), 0.1, np.float32))
    assert np.isnan(points[:, 0]).all()
    assert np.isfinite(points[:, 500]).all()


def test_depth_map_may_be_a_strided_view(depth):
    wide = np.zeros((48, 128), np.float32)
    wide[:, ::2] = depth
    assert np.array_equal(unproject(CAMERA, wide[:, ::2]), unproject(CAMERA, depth))


def test_depth_map_of_another_size_is_refused(depth):
    with pytest.raises(ValueError, match='depth map of 64x40 does not fit the camera of 64x48'):
        unproject(CAMERA, depth[:40])
