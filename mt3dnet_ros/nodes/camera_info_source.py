"""The node ``camera_info_source``: CameraInfo for images whose driver has none."""

from __future__ import annotations

import math
import sys

from rclpy.clock import Clock, ClockType
from rclpy.logging import get_logger
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError, info_from_camera, read_calibration
from mt3dnet_ros.ros.messages.headers import clean_frame_id
from mt3dnet_ros.ros.monitoring.clock_log import log_stopped_clock
from mt3dnet_ros.ros.parameters.rig import CameraInfoSourceParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.rig import CAMERA_INFO

_PERIOD = 1.0  # seconds; for subscribers that do not ask for latched messages


class CameraInfoSource(Node):
    """Publishes one camera on ``camera_info`` at once, latched, and again every second."""

    def __init__(self) -> None:
        super().__init__('camera_info_source')
        declare_parameters(self, CameraInfoSourceParameters)
        log_stopped_clock(self)
        parameters = read_parameters(self, CameraInfoSourceParameters)
        self._info = stated_info(parameters)
        self._info.header.frame_id = clean_frame_id(parameters.frame_id)
        self._publisher = CAMERA_INFO.publisher(self)
        self.create_timer(_PERIOD, self._publish, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._publish()
        self.get_logger().info(
            f"'{self._publisher.topic_name}': {self._info.width} x {self._info.height}, fx = {self._info.k[0]:.1f}"
        )

    def _publish(self) -> None:
        self._info.header.stamp = self.get_clock().now().to_msg()
        self._publisher.publish(self._info)


def stated_info(parameters: CameraInfoSourceParameters) -> CameraInfo:
    """Return the camera that the parameters state.

    :raises CameraInfoError: both or neither of calibration and field of view are given, or the file cannot be used
    """
    if bool(parameters.calibration) == bool(parameters.vertical_fov):
        raise CameraInfoError(
            f"calibration '{parameters.calibration}' and vertical_fov {parameters.vertical_fov:g}: give one of them"
        )
    if parameters.calibration:
        return read_calibration(parameters.calibration)
    width, height = parameters.width, parameters.height
    horizontal = 2.0 * math.atan(math.tan(math.radians(0.5 * parameters.vertical_fov)) * width / height)
    return info_from_camera(Camera.from_field_of_view(width, height, horizontal), Header())


def main(args: list[str] | None = None) -> None:
    """Run the node until Ctrl-C; end with status 1 where the parameters describe no camera."""
    try:
        run_node(CameraInfoSource, args)
    except CameraInfoError as error:
        get_logger('camera_info_source').fatal(str(error))
        sys.exit(1)
