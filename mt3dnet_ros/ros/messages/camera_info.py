"""CameraInfo to Camera and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.geometry.camera import Camera, CameraError
from mt3dnet_ros.media.calibration_file import (
    CameraCalibration,
    CameraCalibrationError,
    camera_from_calibration,
    fit_camera,
    read_calibration_file,
)

if TYPE_CHECKING:  # recordings are read without ROS too
    from sensor_msgs.msg import CameraInfo
    from std_msgs.msg import Header


class CameraInfoError(MT3DNetError, ValueError):
    """A calibration that cannot be used."""


def camera_from_info(info: CameraInfo, width: int, height: int, rectified: bool = False) -> Camera:
    """Return the camera of an image.

    Width and height of a CameraInfo are those of the full sensor; region of interest and binning lead from there to
    the image. An image of another size but the same aspect is taken for a resized one.

    :param width: of the image in pixels (and ``height``)
    :param rectified: the image is rectified: its camera is P, without distortion; else K and D
    :raises CameraInfoError: uncalibrated, dummy, contradictory or of another aspect
    """
    return fit_to_image(full_camera(info, rectified), width, height)


def full_camera(info: CameraInfo, rectified: bool = False) -> Camera:
    """Return the camera of images that were not resized; see :func:`camera_from_info`.

    :raises CameraInfoError: uncalibrated, dummy or contradictory
    """
    try:
        return _crop_and_bin(camera_from_calibration(_calibration(info), rectified), info)
    except (CameraCalibrationError, CameraError) as error:
        raise CameraInfoError(f'CameraInfo cannot be used: {error}') from error


def fit_to_image(camera: Camera, width: int, height: int) -> Camera:
    """Return the camera of an image of another size but the same aspect.

    :raises CameraInfoError: another aspect
    """
    try:
        return fit_camera(camera, width, height)
    except CameraCalibrationError as error:
        raise CameraInfoError(f'CameraInfo cannot be used: {error}') from error


def _calibration(info: CameraInfo) -> CameraCalibration:
    d, k, r, p = (list(map(float, _numbers(info, name))) for name in 'dkrp')
    return CameraCalibration(info.width, info.height, info.distortion_model, d, k, r, p)


def _numbers(info: CameraInfo, name: str) -> Any:
    """Return a field of numbers; ROS 1, whose recordings are read too, writes its name in capitals."""
    return getattr(info, name) if hasattr(info, name) else getattr(info, name.upper())


def _crop_and_bin(camera: Camera, info: CameraInfo) -> Camera:
    roi = info.roi
    if roi.width and roi.height:
        camera = camera.cropped(roi.x_offset, roi.y_offset, roi.width, roi.height)
    return camera.binned(max(info.binning_x, 1), max(info.binning_y, 1))


def info_from_camera(camera: Camera, header: Header) -> CameraInfo:
    """Return the CameraInfo of an image that is not rectified further: P is K."""
    from sensor_msgs.msg import CameraInfo

    info = CameraInfo(header=header, width=camera.width, height=camera.height)
    info.distortion_model = 'plumb_bob' if camera.distortion_model == 'none' else camera.distortion_model
    info.d = list(camera.distortion) or [0.0] * 5
    info.k = [camera.fx, 0.0, camera.cx, 0.0, camera.fy, camera.cy, 0.0, 0.0, 1.0]
    info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    info.p = [camera.fx, 0.0, camera.cx, 0.0, 0.0, camera.fy, camera.cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info


def read_calibration(path: str | Path) -> CameraInfo:
    """Return the calibration of a file in any of the formats of docs/robot/calibration_files.md.

    :raises CameraInfoError: the file is missing, no such calibration, or cannot be used
    """
    try:
        return info_from_calibration(read_calibration_file(path))
    except CameraCalibrationError as error:
        raise CameraInfoError(str(error)) from error


def info_from_calibration(read: CameraCalibration) -> CameraInfo:
    """Return the CameraInfo with the numbers of a calibration."""
    from sensor_msgs.msg import CameraInfo

    return CameraInfo(
        width=read.width,
        height=read.height,
        distortion_model=read.distortion_model,
        d=read.d,
        k=read.k,
        r=read.r,
        p=read.p,
    )
