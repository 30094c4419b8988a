"""The camera of the images that come, from the newest CameraInfo."""

from __future__ import annotations

from collections.abc import Callable

from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError, camera_from_info


class LatestCamera:
    """Keeps the newest CameraInfo and makes the camera of an image from it.

    :param rectified: the images are rectified
    :param on_error: called with the reason, once for every CameraInfo that cannot be used
    """

    def __init__(self, rectified: bool, on_error: Callable[[str], None]) -> None:
        self._rectified = rectified
        self._on_error = on_error
        self._info: CameraInfo | None = None
        self._source: CameraInfo | None = None  # of the camera, which is of an image of this size
        self._size = (0, 0)
        self._camera: Camera | None = None
        self.problem = 'no CameraInfo has arrived; remap camera_info to its topic, or run camera_info_source'

    def update(self, info: CameraInfo) -> None:
        """Take a CameraInfo."""
        self._info = info

    def fit(self, width: int, height: int) -> Camera | None:
        """Return the camera of an image of this size; None, with the reason in ``problem``, where there is none."""
        info = self._info
        if info is None or (info is self._source and (width, height) == self._size):
            return self._camera
        self._source, self._size = info, (width, height)
        try:
            self._camera = camera_from_info(info, width, height, self._rectified)
            self.problem = ''
        except CameraInfoError as error:
            self._camera = None
            self.problem = str(error)
            self._on_error(self.problem)
        return self._camera
