"""Calibrations of stereo endoscopes: by key, in metres, with both principal points."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.calibration_file import write_calibration
from support.endovis_fixtures import write_scared_calibration

from mt3dnet_ros.datasets.frames import DatasetWarning
from mt3dnet_ros.datasets.stereo_calibration import (
    StereoCalibrationError,
    read_intuitive_calibration,
    read_intuitive_size,
    read_scared_calibration,
    read_stereo_calibration,
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
    with pytest.raises(StereoCalibrationError, match=r"nowhere\.txt'.*(does not exist|No such file)"):
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
    with pytest.raises(
        StereoCalibrationError,
        match=r'two cameras are expected \(M1, D1, M2, D2 with R and T.*there is only the camera left',
    ):
        read_scared_calibration(tmp_path / 'c.yaml', SIZE)


def test_other_file_is_refused(tmp_path):
    (tmp_path / 'c.yaml').write_text('[what: {ever')
    with pytest.raises(StereoCalibrationError, match=r"c\.yaml'"):
        read_scared_calibration(tmp_path / 'c.yaml', SIZE)


KALIBR = """
cam0:
  camera_model: pinhole
  intrinsics: [1084.21, 1084.05, 580.02, 506.79]
  distortion_model: radtan
  distortion_coeffs: [-0.1, 0.02, 0.0, 0.001]
  resolution: [1280, 1024]
cam1:
  T_cn_cnm1:
  - [1.0, 0.0, 0.0, -0.0043]
  - [0.0, 1.0, 0.0, 0.0]
  - [0.0, 0.0, 1.0, 0.0]
  - [0.0, 0.0, 0.0, 1.0]
  camera_model: pinhole
  intrinsics: [1083.43, 1083.22, 680.91, 505.81]
  distortion_model: radtan
  distortion_coeffs: [-0.1, 0.02, 0.0, 0.001]
  resolution: [1280, 1024]
"""


def test_pair_of_kalibr_is_read_and_scaled_to_the_images(tmp_path):
    (tmp_path / 'camchain.yaml').write_text(KALIBR)
    pair = read_stereo_calibration(tmp_path / 'camchain.yaml', (640, 512))
    assert pair.translation == (-0.0043, 0.0, 0.0)
    assert (pair.left.width, pair.left.fx, pair.right.fx) == (640, 0.5 * 1084.21, 0.5 * 1083.43)
    assert pair.left.distortion == (-0.1, 0.02, 0.0, 0.001)


@pytest.mark.parametrize('scale', [1.0, 1e-3], ids=['millimetres', 'metres'])
def test_pair_of_opencv_may_be_in_millimetres_or_metres(tmp_path, scale, recwarn):
    write_scared_calibration(tmp_path / 'c.yaml', (1024, 1280), unit=scale)
    pair = read_stereo_calibration(tmp_path / 'c.yaml', SIZE)
    assert math.isclose(pair.baseline, 0.004)
    said = [str(warning.message) for warning in recwarn if warning.category is DatasetWarning]
    assert [' of 4 was taken for millimetres' in text for text in said] == ([True] if scale == 1.0 else [])


def test_scared_is_in_millimetres_without_a_word(tmp_path, recwarn):
    write_scared_calibration(tmp_path / 'c.yaml', (1024, 1280), unit=0.1)  # 0.4: not half a unit
    assert math.isclose(read_scared_calibration(tmp_path / 'c.yaml', SIZE).baseline, 0.0004)
    assert not recwarn.list


def test_text_of_intuitive_is_a_pair_like_any_other(tmp_path):
    (tmp_path / 'camera_calibration.txt').write_text(TEXT)
    with pytest.warns(DatasetWarning, match='was taken for millimetres'):
        pair = read_stereo_calibration(tmp_path / 'camera_calibration.txt', SIZE)
    assert pair.left == read_intuitive_calibration(tmp_path / 'camera_calibration.txt', SIZE).left
    assert np.allclose(pair.translation, (-0.0043499, 0.0000333, -0.0000369))
    assert np.allclose(np.reshape(pair.rotation, (3, 3)), [[0, -1, 0], [1, 0, 0], [0, 0, 1]])


def test_two_files_of_ros_are_a_pair(tmp_path):
    for side, offset in (('left', 0.0), ('right', -0.0043 * 90.0)):
        write_calibration(tmp_path / f'{side}.yaml', 128, 96)
        text = (tmp_path / f'{side}.yaml').read_text().replace('-8.0', str(offset))
        (tmp_path / f'{side}.yaml').write_text(text)
    pair = read_stereo_calibration(tmp_path / 'left.yaml', (128, 96), tmp_path / 'right.yaml')
    assert np.allclose(pair.rotation, np.eye(3).ravel()) and math.isclose(pair.baseline, 0.0043)


def test_calibration_of_other_images_is_refused(tmp_path):
    (tmp_path / 'camchain.yaml').write_text(KALIBR)
    with pytest.raises(StereoCalibrationError, match='for images of 1280 x 1024 pixels, these have 1920 x 1080'):
        read_stereo_calibration(tmp_path / 'camchain.yaml', (1920, 1080))
