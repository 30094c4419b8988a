"""The newest CameraInfo and the camera it makes for the images that come."""

from __future__ import annotations

from collections.abc import Callable

from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError, camera_from_info


class Calibration:
    """Turns the newest CameraInfo into the camera of the image at hand.

    :param rectified: the images are rectified
    :param on_error: called with the reason, once for every CameraInfo that cannot be used
    """

    def __init__(self, rectified: bool, on_error: Callable[[str], None]) -> None:
        self._rectified = rectified
        self._on_error = on_error
        self._info: CameraInfo | None = None
        self._made_of: CameraInfo | None = None
        self._size = (0, 0)
        self._camera: Camera | None = None
        self.problem = 'no CameraInfo has arrived; remap camera_info to its topic, or run camera_info_source'

    def update(self, info: CameraInfo) -> None:
        """Take a CameraInfo."""
        self._info = info

    def camera(self, width: int, height: int) -> Camera | None:
        """Return the camera of an image of this size; None, with the reason in ``problem``, where there is none."""
        info = self._info
        if info is None or (info is self._made_of and (width, height) == self._size):
            return self._camera
        self._made_of, self._size = info, (width, height)
        try:
            self._camera = camera_from_info(info, width, height, self._rectified)
            self.problem = ''
        except CameraInfoError as error:
            self._camera = None
            self.problem = str(error)
            self._on_error(self.problem)
        return self._camera
