"""The camera of the image at hand."""

from __future__ import annotations

import pytest
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.latest_camera import LatestCamera
from mt3dnet_ros.ros.messages.camera_info import info_from_camera

CAMERA = Camera(640, 480, 600.0, 600.0, 320.0, 240.0)


@pytest.fixture
def errors() -> list[str]:
    return []


@pytest.fixture
def latest(errors: list[str]) -> LatestCamera:
    return LatestCamera(rectified=False, on_error=errors.append)


def test_without_a_camera_info_there_is_no_camera_and_no_error(latest: LatestCamera, errors: list[str]) -> None:
    assert latest.fit(640, 480) is None
    assert latest.problem.startswith('no CameraInfo has arrived; remap camera_info')
    assert errors == []


def test_the_camera_fits_the_image(latest: LatestCamera) -> None:
    latest.update(info_from_camera(CAMERA, Header()))
    assert latest.fit(640, 480) == CAMERA
    assert latest.fit(320, 240) == CAMERA.resized(320, 240)
    assert latest.problem == ''


def test_every_wrong_camera_info_is_reported_once_however_many_images_come(
    latest: LatestCamera, errors: list[str]
) -> None:
    wrong = [CameraInfo(), CameraInfo()]
    for info in wrong:
        latest.update(info)
        assert latest.fit(640, 480) is None
        assert latest.fit(640, 480) is None
    assert len(errors) == 2
    assert latest.problem == errors[0]


def test_a_good_camera_info_heals_a_wrong_one(latest: LatestCamera) -> None:
    for info in (CameraInfo(), info_from_camera(CAMERA, Header())):
        latest.update(info)
        camera = latest.fit(640, 480)
    assert camera == CAMERA
    assert latest.problem == ''
