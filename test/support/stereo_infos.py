"""The CameraInfo of both eyes, as a driver publishes those that camera_calibration calibrated together."""

from __future__ import annotations

import cv2
import numpy as np
from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.stereo import StereoCamera


def stereo_infos(stereo: StereoCamera) -> tuple[CameraInfo, CameraInfo]:
    """Return that of the left and of the right eye; R and P hold how they stand to each other."""
    size = stereo.left.width, stereo.left.height
    rotation, translation = np.reshape(stereo.rotation, (3, 3)), np.array(stereo.translation)
    (k1, d1), (k2, d2) = ((camera.matrix, np.array(camera.distortion or (0.0,) * 5)) for camera in _both(stereo))
    r1, r2, p1, p2, *_ = cv2.stereoRectify(k1, d1, k2, d2, size, rotation, translation, flags=0)
    return _info(stereo.left, r1, p1), _info(stereo.right, r2, p2)


def _both(stereo: StereoCamera) -> tuple[Camera, Camera]:
    return stereo.left, stereo.right


def _info(camera: Camera, r: np.ndarray, p: np.ndarray) -> CameraInfo:
    return CameraInfo(
        width=camera.width,
        height=camera.height,
        distortion_model='plumb_bob',
        d=list(camera.distortion) or [0.0] * 5,
        k=camera.matrix.ravel().tolist(),
        r=r.ravel().tolist(),
        p=p.ravel().tolist(),
    )
