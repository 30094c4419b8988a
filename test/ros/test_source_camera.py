"""A video's CameraInfo fits its images, or says that there is none."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from support.calibration_file import write_calibration

from mt3dnet_ros.ros.messages.camera_info import CameraInfoError
from mt3dnet_ros.ros.source_camera import describe_camera


def test_calibration_is_scaled_to_the_images(tmp_path: Path) -> None:
    write_calibration(tmp_path / 'camera.yaml', 128, 96)
    info = describe_camera(str(tmp_path / 'camera.yaml'), 0.0, 64, 48)
    assert (info.width, info.height, info.distortion_model) == (64, 48, 'plumb_bob')
    np.testing.assert_allclose(info.k, [50, 0, 31.5, 0, 55, 23.5, 0, 0, 1])
    np.testing.assert_allclose(info.p, [45, 0, 30.5, -4, 0, 45, 22.5, 0, 0, 0, 1, 0])
    np.testing.assert_allclose(info.r, [1, 0, 0, 0, 0, -1, 0, 1, 0])
    np.testing.assert_allclose(info.d, [-0.3, 0.1, 0.001, 0.002, 0.0])


def test_without_calibration_the_camera_says_so() -> None:
    info = describe_camera('', 0.0, 64, 48)
    assert (info.width, info.height) == (64, 48)
    assert not any(info.k)


def test_calibration_and_field_of_view_exclude_each_other(tmp_path: Path) -> None:
    write_calibration(tmp_path / 'camera.yaml', 64, 48)
    with pytest.raises(CameraInfoError, match='both given'):
        describe_camera(str(tmp_path / 'camera.yaml'), 60.0, 64, 48)


def test_field_of_view_gives_an_ideal_camera() -> None:
    info = describe_camera('', 60.0, 64, 48)
    focal = 32 / math.tan(math.radians(30))
    np.testing.assert_allclose(info.k, [focal, 0, 31.5, 0, focal, 23.5, 0, 0, 1])
    assert not any(info.d)


def test_calibration_of_another_aspect_is_refused(tmp_path: Path) -> None:
    write_calibration(tmp_path / 'wide.yaml', 128, 72)
    with pytest.raises(CameraInfoError, match=r"wide.yaml'.* 128 x 72 .* 64 x 48"):
        describe_camera(str(tmp_path / 'wide.yaml'), 0.0, 64, 48)
