"""Calibrations in the forms in which tools write them all give one camera."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration_file import camera_from_calibration, read_calibration_file, read_camera

CAMERA = Camera(1280, 1024, 1100.0, 1090.0, 640.5, 500.25, 'plumb_bob', (-0.3, 0.1, 0.001, -0.002, 0.0))
K = [[1100.0, 0.0, 640.5], [0.0, 1090.0, 500.25], [0.0, 0.0, 1.0]]
D = list(CAMERA.distortion)
P = [1000.0, 0, 630.0, -4.3, 0, 1000.0, 510.0, 0, 0, 0, 1, 0]

ROS = """\
image_width: 1280
image_height: 1024
camera_matrix: {rows: 3, cols: 3, data: [1100, 0, 640.5, 0, 1090, 500.25, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [-0.3, 0.1, 0.001, -0.002, 0.0]}
"""
NESTED = """\
camera_name: Endoskop links
width: 1280
height: 1024
K:
  - [1100.0, 0.0, 640.5]
  - [0.0, 1090.0, 500.25]
  - [0.0, 0.0, 1.0]
D: [[-0.3, 0.1, 0.001, -0.002, 0.0]]
"""
ECHO = """\
header:
  stamp:
    sec: 1700000000
    nanosec: 5
  frame_id: endoscope_optical_frame
height: 1024
width: 1280
distortion_model: plumb_bob
d:
- -0.3
- 0.1
- 0.001
- -0.002
- 0.0
k:
- 1100.0
- 0.0
- 640.5
- 0.0
- 1090.0
- 500.25
- 0.0
- 0.0
- 1.0
r: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
p: [1100.0, 0.0, 640.5, 0.0, 0.0, 1090.0, 500.25, 0.0, 0.0, 0.0, 1.0, 0.0]
binning_x: 0
binning_y: 0
roi:
  x_offset: 0
  y_offset: 0
  height: 0
  width: 0
  do_rectify: false
---
"""
LOST = 'A message was lost!!!\n\ttotal count change:1\n\ttotal count: 1---\n'  # as `ros2 topic echo` prints it
INI = """\
# oST version 5.0 parameters


[image]

width
1280

height
1024

[narrow_stereo]

camera matrix
1100.000000 0.000000 640.500000
0.000000 1090.000000 500.250000
0.000000 0.000000 1.000000

distortion
-0.300000 0.100000 0.001000 -0.002000 0.000000

rectification
1.000000 0.000000 0.000000
0.000000 1.000000 0.000000
0.000000 0.000000 1.000000

projection
1000.000000 0.000000 630.000000 -4.3
0.000000 1000.000000 510.000000 0.000000
0.000000 0.000000 1.000000 0.000000
"""
KALIBR = """\
cam0:
  cam_overlaps: []
  camera_model: pinhole
  distortion_coeffs: [-0.3, 0.1, 0.001, -0.002]
  distortion_model: radtan
  intrinsics: [1100.0, 1090.0, 640.5, 500.25]
  resolution: [1280, 1024]
  rostopic: /left/image_raw
"""
ORB = """\
%YAML:1.0
# a comment
Camera.type: "PinHole"
Camera.fx: 1100.0
Camera.fy: 1090.0
Camera.cx: 640.5
Camera.cy: 500.25
Camera.k1: -0.3
Camera.k2: 0.1
Camera.p1: 0.001
Camera.p2: -0.002
Camera.width: 1280
Camera.height: 1024
"""
PYTHON_JSON = """{
\t"image_size": [1280, 1024],
\t"camera_matrix": [[1100, 0, 640.5], [0, 1.09e3, 500.25], [0, 0, 1]],
\t"dist_coeff": [[-0.3, 1e-1, 1e-3, -2e-3, 0]]
}"""
INTUITIVE = """\
Image-Width: 1280      // columns
Image-Height: 1024
Camera-0-F: 1100 1090  // left camera x,y focal: pixels
Camera-0-C: 640.5 500.25
Camera-0-K: -0.3 0.1 0.001 -0.002 0.0
Camera-1-F: 1101 1091
Camera-1-C: 740.5 501.25
Camera-1-K: -0.3 0.1 0.001 -0.002 0.0
Extrinsic-Omega: 0.0 0.0 0.0
Extrinsic-T: -4.3 0.0 0.0
"""
FORMS = {
    'ros.yaml': ROS,
    'windows.yaml': '\ufeff' + ROS.replace('\n', '\r\n'),
    'quoted.yaml': ROS.replace('1280', "'1280'").replace('640.5', "'640.5'").replace('1024', '1024.0'),
    'nested.yaml': NESTED,
    'text.yaml': ROS.replace(
        '{rows: 3, cols: 3, data: [1100, 0, 640.5, 0, 1090, 500.25, 0, 0, 1]}', '1100 0 640.5 0 1090 500.25 0 0 1'
    ),
    'echo.txt': ECHO,
    'echo_once.yaml': ECHO.removesuffix('---\n'),
    'echo_many.yaml': ECHO * 3,
    'echo_lost.yaml': LOST + ECHO + LOST + ECHO,
    'echo_cut.yaml': ECHO + ECHO[:100],
    'rostopic.yaml': ECHO.replace('d:\n', 'D:\n')
    .replace('k:\n', 'K:\n')
    .replace('r: [', 'R: [')
    .replace('p: [', 'P: ['),
    'ost.ini': INI,
    'ost.txt': INI.replace('\n', '\r\n'),
    'camchain.yaml': KALIBR,
    'orb_slam.yaml': ORB,
    'own.json': PYTHON_JSON,
}


def padded(camera: Camera) -> Camera:
    """Return a camera with all five coefficients."""
    return Camera(
        *(getattr(camera, n) for n in ('width', 'height', 'fx', 'fy', 'cx', 'cy')),
        'plumb_bob',
        (*camera.distortion, 0.0)[:5],
    )


@pytest.mark.parametrize('name', FORMS)
def test_every_form_gives_the_same_camera(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FORMS[name].encode())
    assert padded(read_camera(tmp_path / name)) == CAMERA


@pytest.mark.parametrize('suffix', ['yml', 'xml', 'json'])
@pytest.mark.parametrize(
    ('k', 'd'),
    [
        ('camera_matrix', 'distortion_coefficients'),
        ('cameraMatrix', 'distCoeffs'),
        ('K', 'D'),
        ('Camera_Matrix', 'Distortion_Coefficients'),
    ],
)
def test_what_opencv_writes_is_read(tmp_path: Path, suffix: str, k: str, d: str) -> None:
    storage = cv2.FileStorage(str(tmp_path / f'camera.{suffix}'), cv2.FILE_STORAGE_WRITE)
    storage.write('calibration_time', 'Sun Nov 29 2026')
    storage.write('image_width', 1280)
    storage.write('image_height', 1024)
    storage.write(k, np.array(K))
    storage.write(d, np.array(D).reshape(5, 1))
    storage.write('avg_reprojection_error', 0.3)
    storage.release()
    assert read_camera(tmp_path / f'camera.{suffix}') == CAMERA


def test_without_p_and_r_a_rectified_image_has_the_matrix_of_the_raw_one(tmp_path: Path) -> None:
    (tmp_path / 'camera.yaml').write_text(ROS)
    read = read_calibration_file(tmp_path / 'camera.yaml')
    assert list(read.r) == np.eye(3).ravel().tolist()
    assert list(read.p) == [1100.0, 0.0, 640.5, 0.0, 0.0, 1090.0, 500.25, 0.0, 0.0, 0.0, 1.0, 0.0]
    assert read_camera(tmp_path / 'camera.yaml', rectified=True).fx == 1100.0


def test_ini_has_the_camera_of_rectified_images_too(tmp_path: Path) -> None:
    (tmp_path / 'ost.ini').write_text(INI)
    assert list(read_calibration_file(tmp_path / 'ost.ini').p) == P


@pytest.mark.parametrize(
    ('model', 'ros'), [('radtan', 'plumb_bob'), ('equidistant', 'equidistant'), ('fisheye', 'equidistant')]
)
def test_models_have_the_names_of_ros(tmp_path: Path, model: str, ros: str) -> None:
    (tmp_path / 'camchain.yaml').write_text(KALIBR.replace('radtan', model))
    assert read_calibration_file(tmp_path / 'camchain.yaml').distortion_model == ros


@pytest.mark.parametrize(
    ('count', 'extra', 'model'),
    [
        (4, '', 'plumb_bob'),
        (5, '', 'plumb_bob'),
        (8, '', 'rational_polynomial'),
        (14, '', 'rational_polynomial'),
        (4, 'fisheye_model: 1\n', 'equidistant'),
    ],
)
def test_without_a_name_the_coefficients_tell_the_model(tmp_path: Path, count: int, extra: str, model: str) -> None:
    (tmp_path / 'c.yaml').write_text(f'{extra}width: 1280\nheight: 1024\nK: {K}\nD: {[0.01] * count}\n')
    assert read_calibration_file(tmp_path / 'c.yaml').distortion_model == model


def test_window_and_binning_of_a_saved_message_are_those_of_its_images(tmp_path: Path) -> None:
    roi = 'x_offset: 100\n  y_offset: 40\n  height: 480\n  width: 640'
    text = ECHO.replace('x_offset: 0\n  y_offset: 0\n  height: 0\n  width: 0', roi).replace(
        'binning_x: 0', 'binning_x: 2'
    )
    (tmp_path / 'echo.yaml').write_text(text.replace('binning_y: 0', 'binning_y: 2'))
    read = read_calibration_file(tmp_path / 'echo.yaml')
    full = Camera(1280, 1024, 1100.0, 1090.0, 640.5, 500.25, 'plumb_bob', CAMERA.distortion)
    assert camera_from_calibration(read) == full.cropped(100, 40, 640, 480).binned(2, 2)
    assert read.p[2] == (640.5 - 100) / 2


def write_pair(path: Path, names: tuple[str, str, str, str]) -> Path:
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    right = np.array(K) + np.array([[0, 0, 100.0], [0, 0, 0], [0, 0, 0]])
    for name, value in zip(names, (np.array(K), np.array(D), right, np.array(D)), strict=True):
        storage.write(name, value)
    storage.write('R', np.eye(3))
    storage.write('T', np.array([[-0.0043], [0.0], [0.0]]))
    storage.write('imageSize', (1280, 1024))
    storage.release()
    return path


@pytest.mark.parametrize(
    'names',
    [
        ('M1', 'D1', 'M2', 'D2'),
        ('K1', 'D1', 'K2', 'D2'),
        ('KL', 'DL', 'KR', 'DR'),
        ('cameraMatrix1', 'distCoeffs1', 'cameraMatrix2', 'distCoeffs2'),
        ('cameraMatrixL', 'distCoeffsL', 'cameraMatrixR', 'distCoeffsR'),
        ('camera_matrix_left', 'distortion_coefficients_left', 'camera_matrix_right', 'distortion_coefficients_right'),
        ('left_camera_matrix', 'left_dist_coeffs', 'right_camera_matrix', 'right_dist_coeffs'),
    ],
)
def test_a_camera_of_a_pair_is_named_behind_the_file(tmp_path: Path, names: tuple[str, str, str, str]) -> None:
    path = write_pair(tmp_path / 'stereo.yml', names)
    assert read_camera(f'{path}#left') == read_camera(f'{path}#1') == CAMERA
    assert read_camera(f'{path}#right').cx == 740.5


def test_a_camera_of_kalibr_is_named_behind_the_file(tmp_path: Path) -> None:
    second = KALIBR.replace('cam0', 'cam1').replace('640.5', '740.5')
    (tmp_path / 'camchain.yaml').write_text(KALIBR + second)
    assert read_camera(f'{tmp_path}/camchain.yaml#cam1').cx == 740.5


@pytest.mark.parametrize(('side', 'cx'), [('left', 640.5), ('right', 740.5)])
def test_text_of_intuitive_has_two_cameras(tmp_path: Path, side: str, cx: float) -> None:
    (tmp_path / 'camera_calibration.txt').write_text(INTUITIVE)
    camera = read_camera(f'{tmp_path}/camera_calibration.txt#{side}')
    assert (camera.cx, camera.width, camera.distortion) == (cx, 1280, CAMERA.distortion)


def test_ini_of_a_pair_has_two_cameras(tmp_path: Path) -> None:
    left = INI.replace('narrow_stereo', 'narrow_stereo/left')
    (tmp_path / 'ost.ini').write_text(
        left + INI.replace('narrow_stereo', 'narrow_stereo/right').replace('640.5', '740.5')
    )
    assert read_camera(f'{tmp_path}/ost.ini#narrow_stereo/right').cx == 740.5


def test_file_whose_name_has_the_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / 'camera #2 é.yaml').write_text(ROS)
    assert read_camera(tmp_path / 'camera #2 é.yaml') == CAMERA


def test_size_of_the_images_may_come_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / 'c.yml').write_text(f'%YAML:1.0\n---\nK: {K}\nD: {D}\n')
    assert camera_from_calibration(read_calibration_file(tmp_path / 'c.yml', (1280, 1024))) == CAMERA


@pytest.mark.parametrize('encoding', ['latin-1', 'utf-16'])
def test_other_encodings_of_comments_and_names_are_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / 'c.yaml').write_bytes(('# für das Endoskop, 5 µm\n' + ROS).encode(encoding))
    assert read_camera(tmp_path / 'c.yaml') == CAMERA
