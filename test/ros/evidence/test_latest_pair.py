"""The stereo camera of the images that come: by both CameraInfo, by a file, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.media.calibration_file import CameraCalibrationError
from mt3dnet_ros.ros.evidence.latest_pair import LatestPair
from mt3dnet_ros.ros.latest_camera import LatestCamera

SIZE = (320, 256)
K = np.array([[275.0, 0.0, 160.0], [0.0, 272.0, 125.0], [0.0, 0.0, 1.0]])
K_RIGHT = np.array([[276.0, 0.0, 180.0], [0.0, 273.0, 126.0], [0.0, 0.0, 1.0]])
ROTATION = cv2.Rodrigues(np.array([0.01, -0.03, 0.02]))[0]
TRANSLATION = np.array([-0.0043, 0.0002, -0.0001])


def info(k: np.ndarray, r: np.ndarray, p: np.ndarray) -> CameraInfo:
    fields = {'k': k.ravel().tolist(), 'r': r.ravel().tolist(), 'p': p.ravel().tolist()}
    return CameraInfo(width=SIZE[0], height=SIZE[1], distortion_model='plumb_bob', d=[0.0] * 5, **fields)


def infos() -> tuple[CameraInfo, CameraInfo]:
    """Return what a driver publishes of a pair that camera_calibration calibrated."""
    r1, r2, p1, p2, *_ = cv2.stereoRectify(K, np.zeros(5), K_RIGHT, np.zeros(5), SIZE, ROTATION, TRANSLATION, flags=0)
    return info(K, r1, p1), info(K_RIGHT, r2, p2)


def cameras(*given: CameraInfo, rectified: bool = False) -> tuple[LatestCamera, LatestCamera]:
    rejected: list[str] = []
    left, right = (LatestCamera(rectified, rejected.append, topic) for topic in ('/l/camera_info', '/r/camera_info'))
    for camera, message in zip((left, right), given, strict=False):
        camera.update(message)
    return left, right


def pair_file(folder: Path, with_cameras: bool) -> str:
    path = folder / 'pair.yaml'
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    storage.write('R', ROTATION)
    storage.write('T', TRANSLATION.reshape(3, 1))
    if with_cameras:
        for name, k in (('1', K), ('2', K_RIGHT)):
            storage.write(f'M{name}', k)
            storage.write(f'D{name}', np.zeros((1, 5)))
        storage.write('image_width', SIZE[0])
        storage.write('image_height', SIZE[1])
    storage.release()
    return str(path)


def test_both_camera_infos_tell_where_the_eyes_are_and_each_its_own_principal_point() -> None:
    left, right = cameras(*infos())
    pair = LatestPair(left, right, rectified=False).fit(left.fit(*SIZE), *SIZE)
    np.testing.assert_allclose(np.reshape(pair.rotation, (3, 3)), ROTATION, atol=1e-9)
    np.testing.assert_allclose(pair.translation, TRANSLATION, atol=1e-9)
    assert (pair.left.cx, pair.right.cx) == (160.0, 180.0)


def test_images_of_another_size_have_cameras_of_that_size() -> None:
    left, right = cameras(*infos())
    pair = LatestPair(left, right, rectified=False).fit(left.fit(160, 128), 160, 128)
    assert (pair.left.fx, pair.right.fx) == (137.5, 138.0)


def test_rectified_eyes_differ_by_the_baseline_alone() -> None:
    left, right = cameras(*infos(), rectified=True)
    pair = LatestPair(left, right, rectified=True).fit(left.fit(*SIZE), *SIZE)
    np.testing.assert_allclose(np.reshape(pair.rotation, (3, 3)), np.eye(3))
    np.testing.assert_allclose(pair.translation, [-np.linalg.norm(TRANSLATION), 0.0, 0.0], atol=1e-9)


def test_a_pair_is_made_once_and_anew_when_a_calibration_changes() -> None:
    left, right = cameras(*infos())
    latest = LatestPair(left, right, rectified=False)
    first = latest.fit(left.fit(*SIZE), *SIZE)
    right.update(infos()[1])  # the same again, as drivers send it with every image
    assert latest.fit(left.fit(*SIZE), *SIZE) is first
    turned = infos()[1]
    turned.r = infos()[0].r
    right.update(turned)
    assert latest.fit(left.fit(*SIZE), *SIZE).rotation != first.rotation


def test_without_a_camera_info_of_the_right_eye_there_is_no_pair() -> None:
    left, right = cameras(infos()[0])
    latest = LatestPair(left, right, rectified=False)
    assert latest.fit(left.fit(*SIZE), *SIZE) is None
    assert 'no CameraInfo has arrived on /r/camera_info' in latest.problem


def test_one_camera_called_stereo_is_told() -> None:
    left, right = cameras(infos()[0], infos()[0])
    latest = LatestPair(left, right, rectified=False)
    assert latest.fit(left.fit(*SIZE), *SIZE) is None
    assert 'the two cameras are at one place' in latest.problem


def test_eyes_that_were_calibrated_one_by_one_are_told() -> None:
    alone = infos()[1]
    alone.p = [0.0] * 12
    left, right = cameras(infos()[0], alone)
    latest = LatestPair(left, right, rectified=False)
    assert latest.fit(left.fit(*SIZE), *SIZE) is None
    assert 'not calibrated as one of a pair; calibrate both eyes as a pair, or set stereo_calibration' in latest.problem


@pytest.mark.parametrize('with_cameras', [True, False])
def test_a_file_goes_before_what_the_camera_infos_say(tmp_path: Path, with_cameras: bool) -> None:
    given = infos()[:1] if with_cameras else infos()
    left, right = cameras(*given)
    latest = LatestPair(left, right, rectified=False, file=pair_file(tmp_path, with_cameras))
    pair = latest.fit(left.fit(*SIZE), *SIZE)
    np.testing.assert_allclose(pair.translation, TRANSLATION)
    assert pair.right.cx == 180.0


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(CameraCalibrationError, match='nowhere'):
        LatestPair(*cameras(), rectified=False, file='nowhere.yaml')
