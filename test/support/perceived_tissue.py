"""What perception would publish of a bumpy surface, whose depth it sees exactly, with an instrument before it."""

from __future__ import annotations

import math

import numpy as np
from geometry_msgs.msg import Point
from support.bumpy_tissue import CAMERA, shot

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.msg import DepthScale, Detection, DetectionArray
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.reconstruction.inputs import ImageMessages

SECOND = 1_000_000_000
TRACK, TIP = 7, (0.0, 0.0, 0.07)


def perceive(
    pose: np.ndarray,
    stamp: int,
    *,
    camera: Camera = CAMERA,
    factor: float = 1.0,
    depth: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    guess: bool = False,
) -> ImageMessages:
    """Return the messages of one image.

    :param pose: of the camera, (4, 4) from its optical frame to that of the surface
    :param factor: on the depth
    :param depth: in place of what is seen (and ``labels``)
    """
    header, view = make_header(stamp, 'scope'), shot(pose, camera)
    depth = factor * view.depth if depth is None else depth
    return ImageMessages(
        stamp,
        fill_image(view.rgb, 'rgb8', header),
        fill_image(depth.astype(np.float32), '32FC1', header),
        fill_image(instrument(view.depth.shape) if labels is None else labels, 'mono8', header),
        info_from_camera(camera, header),
        DetectionArray(header=header, detections=[_tracked(), Detection(track_id=-1)]),
        DepthScale(header=header, factor=factor, guess=guess),
    )


def instrument(shape: tuple[int, ...]) -> np.ndarray:
    """Return labels, (h, w) uint8, with an instrument in the middle."""
    labels = np.zeros(shape, np.uint8)
    labels[50:70, 60:90] = 1
    return labels


def _tracked() -> Detection:
    x, y, z = TIP
    return Detection(track_id=TRACK, tip=Point(x=x, y=y, z=z), position_deviation=0.001, tip_covariance=[math.nan] * 36)
