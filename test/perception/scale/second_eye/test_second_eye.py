"""The second eye tells the scale of depth, or says why it does not."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.stereo_scene import HEIGHT, WIDTH, render_pair, squinting_cameras
from support.two_eyes import STAMP, squinting_view, view_of

from mt3dnet_ros.perception.scale.evidence import NO_EVIDENCE
from mt3dnet_ros.perception.scale.observation import Rejection, ScaleObservation
from mt3dnet_ros.perception.scale.second_eye.second_eye import SecondEye

LENS = (-0.25, 0.1, 0.001, -0.001, 0.0)
PARALLEL = squinting_cameras(rotation=(0.0, 0.0, 0.0))


def observation(view):
    (found,) = SecondEye().observe(view)
    assert isinstance(found, ScaleObservation) and found.source == 'second_eye'
    return found


def reason(view):
    (found,) = SecondEye().observe(view)
    assert isinstance(found, Rejection) and found.source == 'second_eye'
    return found.reason


@pytest.mark.parametrize('factor', [0.4, 0.8, 1.0, 2.5])
@pytest.mark.parametrize(
    'pair',
    [
        pytest.param(PARALLEL, id='parallel'),
        pytest.param(squinting_cameras(), id='squinting'),
        pytest.param(squinting_cameras(LENS), id='squinting and distorted'),
    ],
)
def test_factor_is_found_whatever_the_cameras_do(pair, factor):
    found = observation(squinting_view(factor, pair))
    assert found.factor == pytest.approx(factor, rel=0.01)
    assert 0.01 <= found.deviation < 0.03


def test_large_frames_are_matched_small_and_give_the_same():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    size = 4 * WIDTH, 4 * HEIGHT
    left, right, depth = (cv2.resize(image, size, interpolation=cv2.INTER_LINEAR) for image in (left, right, depth))
    assert observation(view_of(left, right, depth, pair.resized(*size))).factor == pytest.approx(1.0, abs=0.01)


def test_frame_that_is_stored_blue_first_gives_the_same():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    stored = (np.ascontiguousarray(image[..., ::-1])[..., ::-1] for image in (left, right))
    assert observation(view_of(*stored, depth, pair)) == observation(view_of(left, right, depth, pair))


def test_network_of_a_wrong_shape_makes_the_factor_less_sure():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    waves = 1.0 + 0.3 * np.sin(np.linspace(0.0, 9.0, WIDTH)) * np.sin(np.linspace(0.0, 7.0, HEIGHT))[:, None]
    found = observation(view_of(left, right, depth * waves, pair))
    assert found.deviation > 1.5 * observation(view_of(left, right, depth, pair)).deviation
    assert abs(found.log_factor) < 2.0 * found.deviation


def test_without_a_second_eye_there_is_nothing_to_say():
    view = squinting_view()
    assert SecondEye().observe(replace(view, evidence=NO_EVIDENCE)) == []
    assert SecondEye().observe(squinting_view(second_eye='off')) == []


def test_it_is_used_once_in_a_period_and_again_in_a_new_stream():
    eye, milliseconds = SecondEye(), 1_000_000
    used = [
        bool(eye.observe(squinting_view(stamp=STAMP + after * milliseconds, second_eye_period=0.5)))
        for after in (0, 100, 499, 500, 600, 1100)
    ]
    assert used == [True, False, False, True, False, True]
    eye.forget()
    assert eye.observe(squinting_view(stamp=STAMP + 1200 * milliseconds, second_eye_period=0.5))


def test_frames_without_stamps_are_all_used():
    eye = SecondEye()
    assert all(eye.observe(squinting_view(stamp=0, second_eye_period=5.0)) for _ in range(2))


def test_eye_without_calibration_is_named():
    assert reason(squinting_view(calibrated=False)).startswith('the second eye has no calibration')


def test_images_of_another_size_than_their_cameras_are_named():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    assert 'the right image has 320x128 pixels, its camera 320x256' in reason(view_of(left, right[:128], depth, pair))


def test_eyes_may_have_images_of_two_sizes():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    size = 2 * WIDTH, 2 * HEIGHT
    larger = replace(pair, right=pair.right.resized(*size))
    assert observation(view_of(left, cv2.resize(right, size), depth, larger)).factor == pytest.approx(1.0, abs=0.01)


def test_images_of_another_time_are_named():
    late = STAMP + 30_000_000
    assert 'the images of both eyes are 30 ms apart' in reason(squinting_view(right_stamp=late))
    assert observation(squinting_view(right_stamp=late, eye_tolerance=0.04)).factor == pytest.approx(1.0, abs=0.01)


def test_calibration_of_another_camera_is_named():
    view = squinting_view()
    other = replace(view, camera=replace(view.camera, fx=1.2 * view.camera.fx))
    assert "not that of the frame's camera" in reason(other)


def test_lens_that_cannot_be_rectified_is_named():
    lens = {'distortion_model': 'equidistant', 'distortion': (0.0,) * 4}
    pair = squinting_cameras()
    fisheye = replace(pair, left=replace(pair.left, **lens), right=replace(pair.right, **lens))
    left, right, depth = render_pair(pair)
    assert 'distortion model equidistant cannot be rectified' in reason(view_of(left, right, depth, fisheye))


@pytest.mark.parametrize('pair', [PARALLEL, squinting_cameras()], ids=['parallel', 'squinting'])
@pytest.mark.parametrize('noise', [0.0, 3.0])
def test_one_camera_that_is_given_as_two_is_named(pair, noise):
    left, _, depth = render_pair(pair)
    grain = np.random.default_rng(0).normal(0.0, noise, left.shape) if noise else 0.0
    again = np.clip(left + grain, 0, 255).astype(np.uint8)
    assert 'one camera is given as two' in reason(view_of(left, again, depth, pair))


@pytest.mark.parametrize('pair', [PARALLEL, squinting_cameras()], ids=['parallel', 'squinting'])
def test_swapped_images_are_named(pair):
    left, right, depth = render_pair(pair)
    assert 'the eyes are swapped' in reason(view_of(right, left, depth, pair))


def test_swapped_calibration_is_named():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    swapped = replace(pair, translation=tuple(-value for value in pair.translation))
    assert 'swap the images and cameras' in reason(view_of(left, right, depth, swapped))


@pytest.mark.parametrize('rows', [-5, 5])
def test_rows_that_do_not_correspond_are_named(rows):
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    assert 'rows off their rows: the calibration is not' in reason(view_of(left, np.roll(right, rows, 0), depth, pair))


def test_eyes_that_are_not_of_one_moment_are_named():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    turned = cv2.warpAffine(right, cv2.getRotationMatrix2D((160, 128), 3.0, 1.0), (WIDTH, HEIGHT))
    assert 'the eyes are not synchronous' in reason(view_of(left, turned, depth, pair))


def test_pictures_of_two_scenes_are_named():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    assert 'too few points match' in reason(view_of(left, right[::-1, ::-1].copy(), depth, pair))


def test_pictures_without_texture_are_named():
    pair = squinting_cameras()
    grey = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    darker = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    assert 'too few points match' in reason(view_of(grey, darker, np.full((HEIGHT, WIDTH), 0.06), pair))


def test_network_that_knows_no_depth_is_named():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    assert 'where the network knows depth' in reason(view_of(left, right, np.full_like(depth, math.nan), pair))


def test_baseline_in_millimetres_is_named():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    wrong = replace(pair, translation=tuple(1e3 * value for value in pair.translation))
    assert 'translation must be in metres' in reason(view_of(left, right, depth, wrong))


def test_dense_use_corrects_the_shape_of_the_depth():
    pair = squinting_cameras()
    left, right, depth = render_pair(pair)
    waves = 1.0 + 0.1 * np.sin(np.linspace(0.0, 9.0, WIDTH)) * np.sin(np.linspace(0.0, 7.0, HEIGHT))[:, None]
    view = view_of(left, right, depth * waves, pair, second_eye='dense')
    found = observation(view)
    true = cv2.resize(depth, view.cell_depth.shape[::-1], interpolation=cv2.INTER_NEAREST)
    corrected = view.cell_depth * np.exp(found.log_factor + found.shape.field)
    before, after = (np.abs(np.log(cells / true)) for cells in (view.cell_depth, corrected))
    assert np.median(before) > 0.025 and np.median(after) < 0.005 and after.mean() < 0.3 * before.mean()
    assert observation(squinting_view()).shape is None
