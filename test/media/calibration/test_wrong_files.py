"""A file that is no calibration is refused with its name, the line, the key and what was expected."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from mt3dnet_ros.media.calibration_file import CameraCalibrationError, read_camera

ROS = """\
image_width: 1280
image_height: 1024
camera_matrix: {rows: 3, cols: 3, data: [1100, 0, 640.5, 0, 1090, 500.25, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [-0.3, 0.1, 0.001, -0.002, 0.0]
"""
K = '[1100, 0, 640.5, 0, 1090, 500.25, 0, 0, 1]'
OPENCV = f"""\
%YAML:1.0
---
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: {K}
"""
XML = (
    '<?xml version="1.0"?>\n<opencv_storage>\n<image_width>12</image_width>\n<camera_matrix>\n1 2 3\n</camera_matrix>\n'
)
CAMCHAIN = 'cam0:\n  intrinsics: [4, 4, 2, 2]\n  resolution: [4, 4]\ncam1:\n  intrinsics: [4, 4, 2, 2]\n'
PYTHON = ('Error(', 'object at', 'None', 'Traceback', 'instance', 'yaml.', 'ordereddict')

LAUGHS = 'a: &a [1, 1]\nb: &b [' + '*a, ' * 999 + ']\nc: [' + '*b, ' * 999 + ']\n'
WRONG = {
    'empty': ('', 'the file is empty'),
    'only spaces': (' \n\n', 'the file is empty'),
    'only a comment': ('# nothing\n', 'no names with values'),
    'a list': ('- 1\n- 2\n', 'no names with values'),
    'no calibration': ('a: 1\nb: 2\n', r'there is no camera matrix \(camera_matrix, .*\); it has a, b'),
    'cut off': (ROS[:110], 'line 3: '),
    'indented by tabs': (ROS.replace('  rows: 1', '\trows: 1'), "line 6: .*'.t'.*; indent by spaces, not by tabs"),
    'half a size': (ROS.replace('image_height: 1024\n', ''), 'line 1: image_width stands alone; write both'),
    'no size': (OPENCV, 'the size of the calibrated images is missing; add lines such as image_width: 1920'),
    'a size of words': (ROS.replace('1280', 'wide'), "line 1: image_width 'wide' is not a whole number"),
    'half pixels': (ROS.replace('1280', '12.5'), "line 1: image_width '12.5' is not a whole number"),
    'a negative size': (ROS.replace('1280', '-1280'), "line 1: image_width '-1280' is not a whole number above 0"),
    'a list for a size': (ROS.replace('1280', '[1280]'), 'line 1: image_width a list is not a whole number'),
    'too few numbers': (ROS.replace('1100, 0,', '1100,'), 'line 3: camera_matrix has 8 numbers, 9 or 4 are expected'),
    'words for numbers': (ROS.replace('1100', 'fx'), "line 3: camera_matrix has 'fx', which is not a number"),
    'a decimal comma': (
        ROS.replace('640.5', "'640,5'"),
        "camera_matrix has '640,5', which is not a number; write 640.5",
    ),
    'decimal commas': (
        ROS.replace('-0.3, 0.1, 0.001, -0.002, 0.0', '-0,3').replace(
            K, '[1100,0, 0,0, 640,5, 0,0, 1090,0, 500,2, 0,0, 0,0, 1,0]'
        ),
        'camera_matrix has 18 numbers, 9 or 4 are expected; write decimals with a point',
    ),
    'a mapping for a matrix': (
        ROS.replace('data: [1100', 'dat: [1100'),
        'line 3: camera_matrix must be numbers, it has',
    ),
    'no coefficients': (ROS[: ROS.index('distortion_coefficients')], 'line 4: distortion_model is plumb_bob, but dist'),
    'too few coefficients': (ROS.replace('-0.3, 0.1, 0.001,', ''), 'takes 4 or 5 coefficients, not 2'),
    'an unknown model': (ROS.replace('plumb_bob', 'fancy'), "'fancy' is not supported"),
    'a transposed matrix': (
        ROS.replace('0, 640.5, 0, 1090, 500.25, 0, 0, 1', '0, 0, 0, 1090, 0, 640.5, 500.25, 1'),
        'line 3: camera_matrix is transposed, as MATLAB writes it',
    ),
    'a matrix in millimetres': (
        ROS.replace('0, 0, 1]', '0, 0, 0.5]'),
        'line 3: camera_matrix must end in 1, not in 0.5',
    ),
    'not a number': (ROS.replace('1100', '.nan'), 'fx = nan pixels must be positive'),
    'zeros': (ROS.replace(K, '[0, 0, 0, 0, 0, 0, 0, 0, 0]'), r'not calibrated \(K is zero\)'),
    'OpenCV, too few numbers': (
        OPENCV.replace('1100, ', ''),
        'line 3: camera_matrix has 8 numbers, 9 or 4 are expected$',
    ),
    'XML, too few numbers': (XML + '</opencv_storage>', 'line 4: camera_matrix has 3 numbers, 9 or 4'),
    'XML, cut off': (XML, 'line 7: no XML: no element found'),
    'XML of something else': ('<robot>\n  <link name="camera"/>\n</robot>', 'there is no camera matrix'),
    'JSON, cut off': ('{"camera_matrix": [1, 2', 'line 1: '),
    'two cameras': (CAMCHAIN, r'there are 2 cameras \(cam0, cam1\); name one, as in FILE#cam0'),
    'an omnidirectional camera': (
        CAMCHAIN.replace('  intrinsics', '  camera_model: omni\n  intrinsics', 1).split('cam1')[0],
        "line 2: cam0.camera_model 'omni' is not supported; calibrate with the camera model pinhole",
    ),
    'XML nested too deeply': ('<a>' * 5000 + '1' + '</a>' * 5000, 'nested too deeply'),
    'blank lines': ('a: 1' + '\n' * 200_000 + 'b: 2', 'there is no camera matrix'),
    'as many values as a bomb': (LAUGHS, 'aliases stand for more than'),
    'a size without end': (ROS.replace('1280', 'inf'), 'is not a whole number above 0'),
    'nested too deeply': ('K: ' + '[' * 5000, 'no YAML'),
    'an alias to itself': ('K: &a [*a]\n', 'an alias stands for what contains it|undefined alias'),
    'a Python object': (
        'K: !!python/object/apply:os.system [echo]\nwidth: 4\nheight: 4\n',
        'K has .echo., which is not',
    ),
}


@pytest.mark.parametrize('name', WRONG)
def test_a_wrong_file_is_refused_with_what_was_expected(tmp_path: Path, name: str) -> None:
    content, expected = WRONG[name]
    path = tmp_path / 'camera.yaml'
    path.write_text(content)
    with pytest.raises(CameraCalibrationError, match=rf"(?s)camera\.yaml'.*({expected})") as error:
        read_camera(path)
    assert not [word for word in PYTHON if word in str(error.value)]


@pytest.mark.parametrize(
    ('content', 'problem'),
    [
        (b'\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR', 'this is not a text file'),
        (bytes(range(256)), 'this is not a text file'),
        (gzip.compress(ROS.encode()), 'the file is packed; unpack it'),
        (b'PK\x03\x04\x14\x00', 'the file is packed; unpack it'),
    ],
    ids=['picture', 'bytes', 'gzip', 'zip'],
)
def test_binary_files_are_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / 'camera.yaml').write_bytes(content)
    with pytest.raises(CameraCalibrationError, match=problem):
        read_camera(tmp_path / 'camera.yaml')


def test_folders_devices_and_large_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraCalibrationError, match='this is a folder; name the file in it'):
        read_camera(tmp_path)
    os.mkfifo(tmp_path / 'pipe')
    with pytest.raises(CameraCalibrationError, match='this is a device'):
        read_camera(tmp_path / 'pipe')
    with (tmp_path / 'video.mp4').open('wb') as video:
        video.truncate(50_000_000)
    with pytest.raises(CameraCalibrationError, match='the file has 50 MB'):
        read_camera(tmp_path / 'video.mp4')


def test_missing_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraCalibrationError, match=r"nowhere\.yaml': cannot be read: No such file"):
        read_camera(tmp_path / 'nowhere.yaml')
    with pytest.raises(CameraCalibrationError, match=r"nowhere\.yaml#left': cannot be read: No such file"):
        read_camera(f'{tmp_path}/nowhere.yaml#left')


def test_camera_that_is_not_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'camchain.yaml').write_text(CAMCHAIN)
    with pytest.raises(CameraCalibrationError, match=r"there is no camera 'cam7' \(it has cam0, cam1\)"):
        read_camera(f'{tmp_path}/camchain.yaml#cam7')


def test_rectified_images_need_p(tmp_path: Path) -> None:
    (tmp_path / 'c.yaml').write_text(ROS + f'projection_matrix: {[0] * 12}\n')
    with pytest.raises(CameraCalibrationError, match=r"c\.yaml': P of the calibration is zero"):
        read_camera(tmp_path / 'c.yaml', rectified=True)
