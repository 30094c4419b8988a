"""The camera model and what resizing, cropping and binning do to it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera, CameraError, read_distortion
from mt3dnet_ros.geometry.rays import project

POINTS = np.array([[0.01, -0.02, 0.1], [-0.03, 0.015, 0.12], [0.0, 0.0, 0.08]])
CAMERA = Camera(1280, 1024, 1050.0, 1060.0, 640.0, 500.0, 'plumb_bob', (-0.3, 0.1, 0.001, -0.002, 0.0))


def test_field_of_view_spans_the_width():
    camera = Camera.from_field_of_view(640, 512, math.radians(60))
    edge = np.array([[-math.tan(math.radians(30)), 0.0, 1.0], [math.tan(math.radians(30)), 0.0, 1.0]])
    assert np.allclose(project(camera, edge)[:, 0], [-0.5, 639.5])


def test_crop_shifts_the_pixels():
    cropped = CAMERA.cropped(100, 40, 800, 600)
    assert (cropped.width, cropped.height) == (800, 600)
    assert np.allclose(project(cropped, POINTS), project(CAMERA, POINTS) - (100, 40))


def test_binning_divides_the_pixels_as_image_geometry_does():
    binned = CAMERA.binned(2, 4)
    assert (binned.width, binned.height) == (640, 256)
    assert np.allclose(project(binned, POINTS), project(CAMERA, POINTS) / (2, 4))


def test_roi_then_binning_follows_image_geometry():
    camera = CAMERA.cropped(100, 40, 800, 600).binned(2, 2)
    assert (camera.fx, camera.cx, camera.cy) == (525.0, (640.0 - 100) / 2, (500.0 - 40) / 2)


@pytest.mark.parametrize('size', [(640, 512), (320, 1024), (1920, 1080)])
def test_resizing_keeps_the_corners_in_place(size):
    sx, sy = size[0] / 1280, size[1] / 1024
    expected = (project(CAMERA, POINTS) + 0.5) * (sx, sy) - 0.5
    assert np.allclose(project(CAMERA.resized(*size), POINTS), expected)


def test_resizing_back_restores_the_camera():
    back = CAMERA.resized(333, 277).resized(1280, 1024)
    assert np.allclose(back.matrix, CAMERA.matrix)


def test_camera_is_hashable():
    assert len({CAMERA, CAMERA.resized(1280, 1024)}) == 1


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'width': 0}, 'image size 0x8'),
        ({'fx': 0.0}, 'focal length fx = 0.0'),
        ({'fy': -5.0}, 'focal length fy = -5.0'),
        ({'fx': math.nan}, 'focal length fx = nan'),
        ({'fy': math.inf}, 'focal length fy = inf'),
        ({'cx': math.nan}, 'principal point cx = nan'),
        ({'cy': math.inf}, 'principal point cy = inf'),
        ({'distortion_model': 'thin_lens'}, "'thin_lens' is not supported"),
        ({'distortion_model': 'plumb_bob', 'distortion': (0.1,)}, 'takes 4 or 5 coefficients, not 1'),
        ({'distortion_model': 'equidistant', 'distortion': (0.1,) * 5}, 'takes 4 coefficients, not 5'),
        ({'distortion': (0.1,)}, 'takes 0 coefficients, not 1'),
        ({'distortion_model': 'plumb_bob', 'distortion': (0.1, 0.0, math.nan, 0.0)}, 'must be finite'),
    ],
)
def test_impossible_camera_is_refused_with_the_value(change, message):
    values = {'width': 10, 'height': 8, 'fx': 9.0, 'fy': 9.0, 'cx': 5.0, 'cy': 4.0, **change}
    with pytest.raises(CameraError, match=message.replace('(', r'\(')):
        Camera(**values)


@pytest.mark.parametrize('window', [(-1, 0, 10, 10), (0, 0, 1281, 10), (1000, 1000, 100, 100), (0, 0, 0, 10)])
def test_window_outside_of_the_image_is_refused(window):
    with pytest.raises(CameraError):
        CAMERA.cropped(*window)


@pytest.mark.parametrize('factors', [(0, 1), (1, -2), (1.5, 1)])
def test_binning_by_other_than_whole_numbers_is_refused(factors):
    with pytest.raises(CameraError, match='binning'):
        CAMERA.binned(*factors)


@pytest.mark.parametrize('angle', [0.0, math.pi, math.nan])
def test_impossible_field_of_view_is_refused(angle):
    with pytest.raises(CameraError, match='field of view'):
        Camera.from_field_of_view(640, 512, angle)


BARREL = (-0.3, 0.1, 0.001, -0.002, 0.03)
RATIONAL = (0.5, 0.1, 0.001, 0.0005, 0.01, 0.8, 0.2, 0.03)
PRISM = (0.001, 0.0002, -0.001, 0.0003)


@pytest.mark.parametrize(
    ('model', 'given', 'expected'),
    [
        ('plumb_bob', (), ('none', ())),
        ('plumb_bob', (0.0,) * 8, ('none', ())),
        ('plumb_bob', BARREL, ('plumb_bob', BARREL)),
        ('plumb_bob', (*BARREL, 0.0, 0.0, 0.0), ('plumb_bob', BARREL)),
        ('plumb_bob', (*BARREL[:4], 0.0), ('plumb_bob', (*BARREL[:4], 0.0))),
        ('plumb_bob', (*BARREL[:4], 0.0, 0.0), ('plumb_bob', (*BARREL[:4], 0.0))),
        ('radtan', BARREL[:4], ('plumb_bob', BARREL[:4])),
        ('radial-tangential', BARREL, ('plumb_bob', BARREL)),
        ('Brown Conrady', BARREL, ('plumb_bob', BARREL)),
        ('', BARREL, ('plumb_bob', BARREL)),
        ('', RATIONAL, ('rational_polynomial', RATIONAL)),
        ('', (0.0,) * 5, ('none', ())),
        ('none', (0.0,) * 5, ('none', ())),
        ('pinhole', (), ('none', ())),
        ('Pinhole', BARREL, ('plumb_bob', BARREL)),
        ('KannalaBrandt8', (0.1, 0.2, 0.3, 0.4), ('equidistant', (0.1, 0.2, 0.3, 0.4))),
        ('rational_polynomial', BARREL, ('rational_polynomial', (*BARREL, 0.0, 0.0, 0.0))),
        ('rational_polynomial', (*RATIONAL, 0.0), ('rational_polynomial', RATIONAL)),
        ('rational_polynomial', (*RATIONAL, *PRISM), ('rational_polynomial', (*RATIONAL, *PRISM))),
        ('rational_polynomial', (*RATIONAL, *PRISM, 0.0), ('rational_polynomial', (*RATIONAL, *PRISM))),
        ('rational_polynomial', (*RATIONAL, 0.001), ('rational_polynomial', (*RATIONAL, 0.001, 0.0, 0.0, 0.0))),
        ('equidistant', (), ('equidistant', (0.0,) * 4)),
        ('equidistant', (0.0,) * 4, ('equidistant', (0.0,) * 4)),
        ('equidistant', (0.1, 0.2, 0.0, 0.0, 0.0), ('equidistant', (0.1, 0.2, 0.0, 0.0))),
        ('fisheye', (0.1, 0.2), ('equidistant', (0.1, 0.2, 0.0, 0.0))),
        ('kannala_brandt4', (0.1, 0.2, 0.3, 0.4), ('equidistant', (0.1, 0.2, 0.3, 0.4))),
    ],
)
def test_a_distortion_is_read_as_calibrations_write_it(model, given, expected):
    assert read_distortion(model, given) == expected
    Camera(1280, 1024, 1050.0, 1060.0, 640.0, 500.0, *expected)


@pytest.mark.parametrize(
    ('model', 'given', 'message'),
    [
        ('plumb_bob', RATIONAL, 'takes 4 or 5 coefficients, not 8; name the model rational_polynomial'),
        ('plumb_bob', (0.1, 0.2, 0.3), 'takes 4 or 5 coefficients, not 3'),
        ('none', BARREL, 'none takes 0 coefficients, not 5; name the model, such as plumb_bob'),
        ('equidistant', (0.1,) * 5, 'takes 4 coefficients, not 5'),
        ('thin_prism_fisheye', (0.1,) * 8, r"'thin_prism_fisheye' is not supported \(supported: none, .*fisheye"),
        ('equidistant', (0.1, math.nan, 0.0, 0.0), 'must be finite'),
        ('plumb_bob', (math.inf,) * 4, 'must be finite'),
    ],
)
def test_a_distortion_that_a_model_cannot_have_is_refused(model, given, message):
    with pytest.raises(CameraError, match=message):
        Camera(1280, 1024, 1050.0, 1060.0, 640.0, 500.0, *read_distortion(model, given))
