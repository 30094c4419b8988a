"""The node ``hand_eye``: where the camera is on the robot, for tf2."""

from __future__ import annotations

import sys

from rclpy.logging import get_logger
from rclpy.node import Node

from mt3dnet_ros.ros.frames.hand_eye import HandEyeError, read_hand_eye
from mt3dnet_ros.ros.frames.static_transform import StaticTransform, StaticTransformError
from mt3dnet_ros.ros.parameters.rig import HandEyeParameters
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.run import run_node


class HandEye(Node):
    """Publishes the transform of a hand-eye calibration on ``/tf_static``, latched."""

    def __init__(self) -> None:
        super().__init__('hand_eye')
        declare_parameters(self, HandEyeParameters)
        parameters = read_parameters(self, HandEyeParameters)
        transform = read_hand_eye(parameters.file, parameters.parent_frame, parameters.child_frame)
        transform.header.stamp = self.get_clock().now().to_msg()
        self._transform = StaticTransform(self)
        self._transform.publish(transform)
        self.get_logger().info(f"'{transform.child_frame_id}' is in '{transform.header.frame_id}' as calibrated")


def main(args: list[str] | None = None) -> None:
    """Run the node until Ctrl-C; end with status 1 where the file cannot be used."""
    try:
        run_node(HandEye, args)
    except (HandEyeError, StaticTransformError) as error:
        get_logger('hand_eye').fatal(str(error))
        sys.exit(1)
