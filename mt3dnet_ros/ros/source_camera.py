"""The CameraInfo of a video: from a calibration file, from a field of view, or uncalibrated."""

from __future__ import annotations

import math

from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError, camera_from_info, info_from_camera, read_calibration


class CamerasOfSizes:
    """Describes the camera for images of each size that a source has.

    Without calibration and field of view its K is zero: uncalibrated.

    :param calibration: a calibration file of docs/robot/calibration_files.md, or empty
    :param horizontal_fov: of an ideal camera in degrees, or 0
    :raises CameraInfoError: both are given, or the calibration cannot be used
    """

    def __init__(self, calibration: str, horizontal_fov: float) -> None:
        if calibration and horizontal_fov:
            raise CameraInfoError('calibration and horizontal_fov are both given; give one of them')
        self._file, self._horizontal_fov = calibration, horizontal_fov
        self._calibration = read_calibration(calibration) if calibration else None
        self._infos: dict[tuple[int, int], CameraInfo] = {}

    def of(self, width: int, height: int) -> CameraInfo:
        """Return the CameraInfo of images of a size in pixels.

        :raises CameraInfoError: the calibration does not fit them
        """
        if (width, height) not in self._infos:
            self._infos[width, height] = self._describe(width, height)
        return self._infos[width, height]

    def _describe(self, width: int, height: int) -> CameraInfo:
        if self._calibration is not None:
            try:
                return resized_info(self._calibration, width, height)
            except CameraInfoError as error:
                raise CameraInfoError(f"calibration '{self._file}': {error}") from error
        if self._horizontal_fov:
            ideal = Camera.from_field_of_view(width, height, math.radians(self._horizontal_fov))
            return info_from_camera(ideal, Header())
        return CameraInfo(width=width, height=height)


def describe_camera(calibration: str, horizontal_fov: float, width: int, height: int) -> CameraInfo:
    """Return the CameraInfo of images of one size; parameters as of ``CamerasOfSizes``.

    :raises CameraInfoError: the calibration cannot be used, or does not fit
    """
    return CamerasOfSizes(calibration, horizontal_fov).of(width, height)


def resized_info(info: CameraInfo, width: int, height: int) -> CameraInfo:
    """Return the CameraInfo of the same view resampled to another size; rectification and stereo baseline stay.

    :raises CameraInfoError: another aspect
    """
    resized = info_from_camera(camera_from_info(info, width, height), info.header)
    resized.distortion_model, resized.d, resized.r = info.distortion_model, info.d, info.r
    if info.p[0]:
        rectified = camera_from_info(info, width, height, rectified=True)
        scale_x, scale_y = width / info.width, height / info.height
        resized.p = [
            rectified.fx,
            0.0,
            rectified.cx,
            info.p[3] * scale_x,
            0.0,
            rectified.fy,
            rectified.cy,
            info.p[7] * scale_y,
            0.0,
            0.0,
            1.0,
            0.0,
        ]
    return resized
