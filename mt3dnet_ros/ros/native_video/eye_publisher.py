"""Image and CameraInfo of one eye."""

from __future__ import annotations

import numpy as np
from rclpy.node import Node

from mt3dnet_ros.ros.messages.headers import clean_frame_id, make_header
from mt3dnet_ros.ros.messages.images import bulk_image
from mt3dnet_ros.ros.sender import Sender
from mt3dnet_ros.ros.source_camera import CamerasOfSizes
from mt3dnet_ros.ros.topics.native_video import EYE_CAMERA_INFOS, EYE_IMAGES


class EyePublisher:
    """Publishes the pictures of an eye, where somebody subscribes, each with its CameraInfo.

    :param eye: ``left`` or ``right``
    :param frame_id: of the images
    :param calibration: file of the eye, or empty
    :param horizontal_fov: of an ideal camera in degrees, or 0
    :raises CameraInfoError: the calibration cannot be used
    """

    def __init__(self, node: Node, eye: str, frame_id: str, calibration: str, horizontal_fov: float) -> None:
        self._images, self._infos = EYE_IMAGES[eye].publisher(node), EYE_CAMERA_INFOS[eye].publisher(node)
        self._frame_id = clean_frame_id(frame_id)
        self._cameras = CamerasOfSizes(calibration, horizontal_fov)
        self._sender = Sender()

    @property
    def topic(self) -> str:
        """The name of the images' topic."""
        return self._images.topic_name

    @property
    def wanted(self) -> bool:
        """Whether somebody subscribes to the images."""
        return self._images.get_subscription_count() > 0

    def publish(self, picture: np.ndarray, stamp: int) -> None:
        """Publish a picture; it is copied once.

        :param picture: (H, W, 3) uint8, red first
        :param stamp: nanoseconds
        :raises CameraInfoError: the calibration does not fit it
        :raises RCLError: the middleware refused it
        """
        height, width = picture.shape[:2]
        header = make_header(stamp, self._frame_id)
        info = self._cameras.of(width, height)
        info.header = header
        self._infos.publish(info)
        if self.wanted:
            self._sender.publish(self._images, bulk_image(picture, 'rgb8', header))
