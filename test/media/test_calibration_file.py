"""A calibration file becomes the camera of the images at hand, without ROS."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.calibration_file import write_calibration

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.calibration_file import (
    CameraCalibrationError,
    camera_from_calibration,
    fit_camera,
    read_calibration_file,
)

DISTORTION = (-0.3, 0.1, 0.001, 0.002, 0.0)
RAW = Camera(128, 96, 100.0, 110.0, 63.5, 47.5, 'plumb_bob', DISTORTION)


@pytest.mark.parametrize(('rectified', 'expected'), [(False, RAW), (True, Camera(128, 96, 90.0, 90.0, 61.5, 45.5))])
def test_file_holds_the_camera_of_raw_and_of_rectified_images(
    tmp_path: Path,
    rectified: bool,
    expected: Camera,
) -> None:
    write_calibration(tmp_path / 'camera.yaml', 128, 96)
    assert camera_from_calibration(read_calibration_file(tmp_path / 'camera.yaml'), rectified) == expected


@pytest.mark.parametrize('size', [(128, 96), (64, 48), (127, 95)])
def test_camera_fits_images_of_its_aspect(size: tuple[int, int]) -> None:
    assert fit_camera(RAW, *size) == RAW.resized(*size)


def test_image_of_another_aspect_is_refused() -> None:
    with pytest.raises(CameraCalibrationError, match=r'128 x 96 pixels, the image has 128 x 72, another aspect'):
        fit_camera(RAW, 128, 72)


@pytest.mark.parametrize('width', ['wide', '12.5', '[128]'])
def test_size_that_is_no_whole_number_is_named(tmp_path: Path, width: str) -> None:
    path = tmp_path / 'camera.yaml'
    write_calibration(path, 128, 96)
    path.write_text(path.read_text().replace('128', width))
    with pytest.raises(CameraCalibrationError, match=r'camera\.yaml.*image_width .* is not a whole number'):
        read_calibration_file(path)
