"""What a calibration says of one camera, by ROS's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mt3dnet_ros.errors import MT3DNetError


class CameraCalibrationError(MT3DNetError, ValueError):
    """A calibration that cannot be used."""


@dataclass(frozen=True)
class CameraCalibration:
    """What a calibration says, by the names of sensor_msgs/CameraInfo, which can stand in its place.

    :param width: of the full sensor in pixels (and ``height``)
    :param d: coefficients of the distortion, in OpenCV's order
    :param k: intrinsic matrix, row by row (and ``r`` the rectification, ``p`` the projection matrix)
    """

    width: int
    height: int
    distortion_model: str
    d: Sequence[float]
    k: Sequence[float]
    r: Sequence[float]
    p: Sequence[float]
