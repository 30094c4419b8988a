"""Calibrations of stereo endoscopes: by key, in metres, with both principal points."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.endovis_fixtures import write_scared_calibration

from mt3dnet_ros.datasets.stereo_calibration import (
    StereoCalibrationError,
    read_intuitive_calibration,
    read_intuitive_size,
    read_scared_calibration,
)

SIZE = (1280, 1024)
TEXT = """
Camera-0-F: 1084.21 1084.05                               // left camera x,y focal dist in pixels
Camera-0-C: 580.02 506.79                                 // left camera x,y center in pixels
Camera-0-K: -0.00069 0.00195 0.00018 0.00000 0.00000      // left camera radial distortion
Camera-1-F: 1083.43 1083.22
Camera-1-C: 680.91 505.81
Camera-1-K: -0.00085 0.00245 0.00004 0.00000 0.00000
Extrinsic-Omega: 0.0 0.0 1.5707963267948966
Extrinsic-T: -4.3499 0.0333 -0.0369                       // left to right camera position
"""


@pytest.fixture
def read(tmp_path):
    def read(text, size=SIZE):
        (tmp_path / 'camera_calibration.txt').write_text(text)
        return read_intuitive_calibration(tmp_path / 'camera_calibration.txt', size)

    return read


def test_text_gives_both_cameras(read):
    pair = read(TEXT)
    assert (pair.left.fx, pair.left.fy, pair.left.cx, pair.left.cy) == (1084.21, 1084.05, 580.02, 506.79)
    assert (pair.right.fx, pair.right.cx) == (1083.43, 680.91)
    assert pair.left.distortion == (-0.00069, 0.00195, 0.00018, 0.0, 0.0)
    assert (pair.left.width, pair.left.height) == SIZE


def test_translation_is_in_metres(read):
    assert read(TEXT).translation == pytest.approx((-0.0043499, 0.0000333, -0.0000369))


def test_rotation_is_of_a_vector_of_rodrigues(read):
    assert np.allclose(np.reshape(read(TEXT).rotation, (3, 3)), [[0, -1, 0], [1, 0, 0], [0, 0, 1]])


@pytest.mark.parametrize(
    'change',
    [
        lambda text: text.replace(': ', ':\t'),
        lambda text: text.replace(' ', '   '),
        lambda text: '\n'.join(reversed(text.splitlines())),
        lambda text: text.replace('\n', '\r\n'),
        lambda text: 'Camera-0-Skew: 0.0\nCamera-1-Skew: 0\n' + text,
        lambda text: text.replace('1084.21', '1.08421e3'),
    ],
    ids=['tabs', 'spaces', 'order', 'line ends', 'skew', 'exponent'],
)
def test_form_of_the_lines_does_not_matter(read, change):
    assert read(change(TEXT)) == read(TEXT)


def test_size_in_the_file_scales_the_cameras(tmp_path, read):
    pair = read('Width: 1280\nHeight: 1024\n' + TEXT, (640, 512))
    assert (pair.left.width, pair.left.fx) == (640, pytest.approx(542.105))
    assert read_intuitive_size(tmp_path / 'camera_calibration.txt') == SIZE


def test_size_of_another_aspect_ratio_is_refused(read):
    with pytest.raises(StereoCalibrationError, match='for images of 1280 x 1024 pixels, these have 1920 x 1080'):
        read('Width: 1280\nHeight: 1024\n' + TEXT, (1920, 1080))


@pytest.mark.parametrize('key', ['Camera-0-F', 'Camera-1-K', 'Extrinsic-Omega', 'Extrinsic-T'])
def test_missing_line_is_named(read, key):
    with pytest.raises(StereoCalibrationError, match=f"must have a line '{key.lower()}:' with"):
        read('\n'.join(line for line in TEXT.splitlines() if not line.startswith(key)))


def test_impossible_camera_is_named_with_its_file(read):
    with pytest.raises(StereoCalibrationError, match=r"camera_calibration\.txt': focal length fx = -1084\.21"):
        read(TEXT.replace('1084.21', '-1084.21'))


@pytest.mark.parametrize('reader', [read_intuitive_calibration, read_scared_calibration])
def test_missing_file_is_named(tmp_path, reader):
    with pytest.raises(StereoCalibrationError, match=r"nowhere\.txt' does not exist"):
        reader(tmp_path / 'nowhere.txt', SIZE)


@pytest.mark.parametrize('names', [('M1', 'M2'), ('K1', 'K2')])
def test_scared_yaml_is_read_by_either_names(tmp_path, names):
    write_scared_calibration(tmp_path / 'c.yaml', (1024, 1280), names)
    pair = read_scared_calibration(tmp_path / 'c.yaml', SIZE)
    assert (pair.left.fx, pair.left.cx, pair.right.cx) == (1920.0, 576.0, 640.0)
    assert pair.translation == pytest.approx((-0.004, 0.0, 0.0))
    assert math.isclose(pair.baseline, 0.004)


def test_missing_matrix_is_named(tmp_path):
    write_scared_calibration(tmp_path / 'c.yaml', (1024, 1280), ('M1', 'X2'))
    with pytest.raises(StereoCalibrationError, match='must have a matrix of 9 numbers M2 or K2'):
        read_scared_calibration(tmp_path / 'c.yaml', SIZE)


def test_other_file_is_refused(tmp_path):
    (tmp_path / 'c.yaml').write_text('[what: {ever')
    with pytest.raises(StereoCalibrationError, match=r"c\.yaml'"):
        read_scared_calibration(tmp_path / 'c.yaml', SIZE)
