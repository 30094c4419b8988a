"""The camera of the image at hand."""

from __future__ import annotations

from dataclasses import replace

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


class SteadyClock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> SteadyClock:
    return SteadyClock()


@pytest.fixture
def latest(errors: list[str], clock: SteadyClock) -> LatestCamera:
    return LatestCamera(rectified=False, on_error=errors.append, topic='/cam/camera_info', clock=clock)


def test_without_a_camera_info_there_is_no_camera_and_no_error(latest: LatestCamera, errors: list[str]) -> None:
    assert latest.fit(640, 480) is None
    assert latest.problem.startswith('no CameraInfo has arrived on /cam/camera_info; remap camera_info')
    assert not latest.arrived
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


def test_a_camera_info_is_judged_before_an_image_can_be_read(latest: LatestCamera, errors: list[str]) -> None:
    latest.update(info_from_camera(CAMERA, Header()))
    assert (latest.arrived, latest.problem) == (True, '')
    latest.update(CameraInfo())
    assert 'not calibrated' in latest.problem
    assert errors == [latest.problem]


def test_an_image_of_another_aspect_has_no_camera_until_one_of_its_own_comes(latest: LatestCamera) -> None:
    latest.update(info_from_camera(CAMERA, Header()))
    assert latest.fit(640, 360) is None
    assert 'another aspect' in latest.problem
    assert latest.fit(640, 480) == CAMERA
    assert latest.problem == ''


def zoom(latest: LatestCamera, clock: SteadyClock, step: float, images: int = 100) -> set[int]:
    """Let the focal length grow with every image; return the ids of the cameras that these had."""
    cameras = []
    for number in range(images):
        clock.now += 0.04
        focal = 600.0 + step * number
        latest.update(info_from_camera(replace(CAMERA, fx=focal, fy=focal), Header()))
        cameras.append(latest.fit(640, 480))
    assert all(cameras)
    return {id(camera) for camera in cameras}


def test_a_slow_zoom_keeps_its_camera_for_many_images_and_is_named(latest: LatestCamera, clock: SteadyClock) -> None:
    assert len(zoom(latest, clock, 0.01)) == 2  # 1 pixel of focal length moves the corner by 0.67
    assert 'the camera on /cam/camera_info changed 99 times in 5 s (fx 600.00 to 600.99, fy' in latest.change
    clock.now += 10.0
    assert latest.change == ''


def test_the_camera_follows_a_fast_zoom(latest: LatestCamera, clock: SteadyClock) -> None:
    assert len(zoom(latest, clock, 2.0)) == 100
    assert latest.fit(640, 480) == replace(CAMERA, fx=798.0, fy=798.0)


def test_two_publishers_of_one_topic_are_named(latest: LatestCamera, clock: SteadyClock) -> None:
    for number in range(8):
        clock.now += 0.1
        latest.update(info_from_camera(CAMERA if number % 2 else CAMERA.resized(640, 480), Header()))
    assert latest.change == ''
    for number in range(9):
        latest.update(info_from_camera(CAMERA if number % 2 else replace(CAMERA, cx=300.0), Header()))
    assert 'two publishers of one topic' in latest.change


@pytest.mark.parametrize('rounding', [0.0, 1e-9, 1e-6])
def test_rounding_is_no_change(latest: LatestCamera, clock: SteadyClock, rounding: float) -> None:
    assert len(zoom(latest, clock, rounding)) == 1
    assert latest.change == ''


def test_a_new_calibration_is_taken_and_is_no_change_to_speak_of(latest: LatestCamera) -> None:
    for camera in (CAMERA, replace(CAMERA, cx=330.0)):
        latest.update(info_from_camera(camera, Header()))
        assert latest.fit(640, 480) == camera
    assert latest.change == ''
