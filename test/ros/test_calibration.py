"""The camera of the image at hand."""

from __future__ import annotations

import pytest
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.calibration import Calibration
from mt3dnet_ros.ros.messages.camera_info import info_from_camera

CAMERA = Camera(640, 480, 600.0, 600.0, 320.0, 240.0)


@pytest.fixture
def errors() -> list[str]:
    return []


@pytest.fixture
def calibration(errors: list[str]) -> Calibration:
    return Calibration(rectified=False, on_error=errors.append)


def test_without_a_camera_info_there_is_no_camera_and_no_error(calibration: Calibration, errors: list[str]) -> None:
    assert calibration.camera(640, 480) is None
    assert calibration.problem.startswith('no CameraInfo has arrived; remap camera_info')
    assert errors == []


def test_the_camera_fits_the_image(calibration: Calibration) -> None:
    calibration.update(info_from_camera(CAMERA, Header()))
    assert calibration.camera(640, 480) == CAMERA
    assert calibration.camera(320, 240) == CAMERA.resized(320, 240)
    assert calibration.problem == ''


def test_every_wrong_camera_info_is_reported_once_however_many_images_come(
    calibration: Calibration, errors: list[str]
) -> None:
    wrong = [CameraInfo(), CameraInfo()]
    for info in wrong:
        calibration.update(info)
        assert calibration.camera(640, 480) is None
        assert calibration.camera(640, 480) is None
    assert len(errors) == 2
    assert calibration.problem == errors[0]


def test_a_good_camera_info_heals_a_wrong_one(calibration: Calibration) -> None:
    for info in (CameraInfo(), info_from_camera(CAMERA, Header())):
        calibration.update(info)
        camera = calibration.camera(640, 480)
    assert camera == CAMERA
    assert calibration.problem == ''
