"""A stereo pair gives depth in the geometry of its left image, whatever principal points, lenses and rows do."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.stereo_scene import HEIGHT, WIDTH, render_pair, squinting_cameras

from mt3dnet_ros.datasets.depth.matching import Matching
from mt3dnet_ros.datasets.depth.row_offset import measure_row_offset, shift_rows
from mt3dnet_ros.datasets.depth.stereo_depth import stereo_depth
from mt3dnet_ros.perception.scale.second_eye.rectification import StereoError

REACH = (0.03, 0.2)
LENS = (-0.25, 0.1, 0.001, -0.001, 0.0)


def errors(stereo, left, right, depth):
    """Return the share of pixels of known depth and the errors there in metres."""
    found = stereo_depth(left, right, stereo, REACH, Matching())
    return found.known.mean(), np.abs(1.0 / found.inverse[found.known] - depth[found.known])


@pytest.mark.parametrize(
    'stereo',
    [
        pytest.param(squinting_cameras(rotation=(0.0, 0.0, 0.0)), id='parallel'),
        pytest.param(squinting_cameras(), id='rotated'),
        pytest.param(squinting_cameras(LENS), id='rotated and distorted'),
    ],
)
def test_depth_is_recovered_within_a_millimetre(stereo):
    known, error = errors(stereo, *render_pair(stereo))
    assert known > 0.8
    assert np.median(error) < 0.4e-3 and error.mean() < 0.6e-3 and np.quantile(error, 0.95) < 1e-3


def test_large_images_are_matched_at_reduced_resolution_and_come_back_at_their_own():
    stereo = squinting_cameras()
    left, right, depth = render_pair(stereo)
    large = 2 * WIDTH, 2 * HEIGHT
    left, right = (cv2.resize(image, large) for image in (left, shift_rows(right, -6.0)))
    found = stereo_depth(left, right, stereo.resized(*large), REACH, Matching(columns=WIDTH))
    assert found.inverse.shape == found.agreement.shape == large[::-1]
    assert found.row_offset is not None and found.row_offset.rows == pytest.approx(12.0, abs=2.0)
    error = np.abs(1.0 / found.inverse - cv2.resize(depth, large, interpolation=cv2.INTER_NEAREST))[found.known]
    assert found.known.mean() > 0.7 and np.median(error) < 0.6e-3


@pytest.mark.parametrize('rows', [-6.0, 20.0])
def test_rows_that_do_not_correspond_are_measured_and_corrected(rows):
    stereo = squinting_cameras(rotation=(0.0, 0.0, 0.0))
    left, right, depth = render_pair(stereo)
    lower = shift_rows(right, -rows)
    offset = stereo_depth(left, lower, stereo, REACH, Matching()).row_offset
    assert offset is not None and offset.rows == pytest.approx(rows, abs=1.0) and offset.matches > 100
    known, error = errors(stereo, left, lower, depth)
    assert known > 0.7 and np.median(error) < 0.6e-3


def test_images_without_distinct_points_have_no_row_offset():
    grey = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    assert measure_row_offset(grey, grey, -30, 60) is None


def test_depth_of_a_surface_without_texture_is_unknown():
    grey = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    assert not stereo_depth(grey, grey, squinting_cameras(), REACH, Matching()).known.any()


def test_images_that_are_no_pair_have_hardly_any_depth():
    stereo = squinting_cameras()
    left, right, _ = render_pair(stereo)
    assert stereo_depth(left, right[::-1].copy(), stereo, REACH, Matching()).known.mean() < 0.1


def test_image_of_another_size_is_refused():
    stereo = squinting_cameras()
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    with pytest.raises(StereoError, match=r'the right image has 320x128 pixels, its camera 320x256'):
        stereo_depth(image, image[:128], stereo, REACH, Matching())
