"""What is known beside the frame itself: the second eye's view, and where the robot says that its tools are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.perception.scale.shaft.diameter import Diameter


@dataclass(frozen=True)
class RightEye:
    """The view of the second eye at the time of the frame.

    :param rgb: (H, W, 3) uint8, not rectified unless the frame is
    :param stamp: acquisition time in nanoseconds
    :param pair: both cameras, of the frame's image and of this one; None where they are not calibrated
    """

    rgb: np.ndarray
    stamp: int
    pair: StereoCamera | None


@dataclass(frozen=True)
class KnownTip:
    """Where a tool's tip is, by the robot's kinematics.

    :param name: of the arm or tool, such as ``PSM1``
    :param position: metres, optical frame of the camera
    :param deviation: standard deviation along each axis, metres
    :param stamp: nanoseconds
    """

    name: str
    position: tuple[float, float, float]
    deviation: float
    stamp: int = 0


@dataclass(frozen=True)
class Evidence:
    """All that is known beside a frame.

    :param right: None without a second eye, or where its view is not of this time
    :param tips: of the tools that a robot holds
    :param diameters: of the shafts of instances by their id, where it is known which tool an instance is; they go
        before those of its class
    """

    right: RightEye | None = None
    tips: tuple[KnownTip, ...] = ()
    diameters: Mapping[int, Diameter] = field(default_factory=dict)


NO_EVIDENCE = Evidence()
