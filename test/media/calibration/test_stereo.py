"""The transform between the cameras of a pair, whatever tool wrote their calibration."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibrationError
from mt3dnet_ros.media.calibration.stereo import read_stereo_transform

ROTATION = cv2.Rodrigues(np.array([0.01, -0.03, 0.02]))[0]
TRANSLATION = np.array([-0.0043, 0.00003, -0.00004])
K = np.array([[1100.0, 0.0, 640.0], [0.0, 1090.0, 500.0], [0.0, 0.0, 1.0]])
SIZE = (1280, 1024)


def write_opencv(path: Path, scale: float = 1.0, **values: np.ndarray) -> Path:
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    for name, value in ({'R': ROTATION, 'T': scale * TRANSLATION.reshape(3, 1)} | values).items():
        storage.write(name, value)
    storage.release()
    return path


@pytest.mark.parametrize('suffix', ['yml', 'xml', 'json'])
@pytest.mark.parametrize(('scale', 'remark'), [(1.0, ''), (1000.0, 'the baseline of 4.3.* was taken for millimetres')])
def test_opencv_pair_in_metres_or_millimetres(tmp_path: Path, suffix: str, scale: float, remark: str) -> None:
    found = read_stereo_transform(write_opencv(tmp_path / f'extrinsics.{suffix}', scale))
    assert np.allclose(found.rotation, ROTATION) and np.allclose(found.translation, TRANSLATION)
    assert (found.remark == '') == (remark == '')


def test_rotation_may_be_a_vector_of_rodrigues(tmp_path: Path) -> None:
    path = write_opencv(tmp_path / 'pair.yml', R=cv2.Rodrigues(ROTATION)[0])
    assert np.allclose(read_stereo_transform(path).rotation, ROTATION)


def test_kalibr_pair(tmp_path: Path) -> None:
    matrix = np.vstack([np.column_stack([ROTATION, TRANSLATION]), [0, 0, 0, 1]]).tolist()
    rows = ''.join(f'  - {row}\n' for row in matrix)
    camera = '  camera_model: pinhole\n  intrinsics: [1100.0, 1090.0, 640.0, 500.0]\n'
    (tmp_path / 'camchain.yaml').write_text(f'cam0:\n{camera}cam1:\n  T_cn_cnm1:\n{rows}{camera}')
    found = read_stereo_transform(tmp_path / 'camchain.yaml')
    assert np.allclose(found.rotation, ROTATION) and np.allclose(found.translation, TRANSLATION)


def test_two_files_of_camera_calibration_hold_the_pair_in_r_and_p(tmp_path: Path) -> None:
    r1, r2, p1, p2, *_ = cv2.stereoRectify(K, np.zeros(5), K, np.zeros(5), SIZE, ROTATION, TRANSLATION)
    for side, r, p in (('left', r1, p1), ('right', r2, p2)):
        (tmp_path / f'{side}.yaml').write_text(
            f'image_width: {SIZE[0]}\nimage_height: {SIZE[1]}\ndistortion_model: plumb_bob\n'
            f'camera_matrix: {{rows: 3, cols: 3, data: {K.ravel().tolist()}}}\n'
            'distortion_coefficients: {rows: 1, cols: 5, data: [0, 0, 0, 0, 0]}\n'
            f'rectification_matrix: {{rows: 3, cols: 3, data: {r.ravel().tolist()}}}\n'
            f'projection_matrix: {{rows: 3, cols: 4, data: {p.ravel().tolist()}}}\n'
        )
    found = read_stereo_transform(tmp_path / 'left.yaml', tmp_path / 'right.yaml')
    assert np.allclose(found.rotation, ROTATION, atol=1e-9)
    assert np.allclose(found.translation, TRANSLATION, atol=1e-9)


def test_rectified_images_differ_by_the_baseline_alone(tmp_path: Path) -> None:
    found = read_stereo_transform(write_opencv(tmp_path / 'pair.yml')).rectified()
    assert np.array_equal(found.rotation, np.eye(3))
    assert np.allclose(found.translation, [-np.linalg.norm(TRANSLATION), 0, 0])


@pytest.mark.parametrize(
    ('values', 'problem'),
    [
        ({'T': np.zeros((3, 1))}, 'the two cameras are at one place'),
        ({'R': 2 * ROTATION}, 'line 3: R is no rotation'),
        ({'T': np.zeros((2, 1))}, r'line \d+: T has 2 numbers, 3 are expected'),
    ],
)
def test_what_is_no_pair_is_named(tmp_path: Path, values: dict[str, np.ndarray], problem: str) -> None:
    with pytest.raises(CameraCalibrationError, match=rf"pair\.yml'.*{problem}"):
        read_stereo_transform(write_opencv(tmp_path / 'pair.yml', **values))


@pytest.mark.parametrize('scale', [60.0, 60_000.0])
def test_baseline_that_no_endoscope_has_is_doubted(tmp_path: Path, scale: float) -> None:
    found = read_stereo_transform(write_opencv(tmp_path / 'pair.yml', scale))
    assert 'a baseline of 258 mm is that of no endoscope' in found.remark


def test_calibration_of_one_camera_asks_for_both(tmp_path: Path) -> None:
    (tmp_path / 'left.yaml').write_text('image_width: 4\nimage_height: 4\nK: [4, 0, 2, 0, 4, 2, 0, 0, 1]\n')
    with pytest.raises(CameraCalibrationError, match=r"left\.yaml': no pair of cameras: .* name both"):
        read_stereo_transform(tmp_path / 'left.yaml')
    with pytest.raises(CameraCalibrationError, match='at one place'):
        read_stereo_transform(tmp_path / 'left.yaml', tmp_path / 'left.yaml')
