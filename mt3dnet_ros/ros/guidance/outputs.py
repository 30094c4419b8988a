"""What guidance publishes: the target, the twist of the camera, and commands to an ECM."""

from __future__ import annotations

import math

import numpy as np
from geometry_msgs.msg import PointStamped, TwistStamped
from rclpy.duration import Duration
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode
from rclpy.publisher import Publisher
from sensor_msgs.msg import JointState

from mt3dnet_ros.guidance.guide import MotionCommand
from mt3dnet_ros.ros.guidance.messages import fill_joints, fill_point, fill_twist
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.parameters.guidance import GOAL_PERIOD, CameraGuidanceParameters
from mt3dnet_ros.ros.qos import OUTPUT


class GuidancePublishers:
    """The publishers of a configured node."""

    def __init__(self, node: LifecycleNode, parameters: CameraGuidanceParameters) -> None:
        self._node = node
        self._target = node.create_lifecycle_publisher(PointStamped, '~/target', OUTPUT)
        self._twist = node.create_lifecycle_publisher(TwistStamped, '~/camera_twist', OUTPUT)
        self._sends_goals = parameters.dvrk__command == 'move_jp'
        self._command = None
        if parameters.dvrk__enabled:
            topic = f'{parameters.dvrk__arm}/{parameters.dvrk__command}'
            self._command = node.create_lifecycle_publisher(JointState, topic, 10)
        self._goals_every = max(1, math.ceil(GOAL_PERIOD * parameters.rate))
        self._periods = 0  # since the last goal
        self._was_moving = False
        self.failures = 0  # messages that an overloaded middleware refused

    def publish_target(self, point: np.ndarray, stamp: int, frame_id: str) -> None:
        """Publish where the camera is to look, (3,) metres in the optical frame."""
        self._publish(self._target, fill_point(point, make_header(stamp, frame_id)))

    def publish_command(self, command: MotionCommand, stamp: int, frame_id: str) -> None:
        """Publish the motion of one period: always the twist, joint commands only of a motion and of its end."""
        if self._command is not None and (command.moving or self._was_moving):
            self._publish_joints(command, stamp)
        self._was_moving = command.moving
        self._publish(self._twist, fill_twist(command.twist, make_header(stamp, frame_id)))

    def _publish_joints(self, command: MotionCommand, stamp: int) -> None:
        if not self._sends_goals:
            self._publish(self._command, fill_joints(command.increments, make_header(stamp, '')))
            return
        self._periods = (self._periods + 1) % self._goals_every
        begins_or_ends = command.moving != self._was_moving
        if begins_or_ends or self._periods == 0:
            self._publish(self._command, fill_joints(command.goal, make_header(stamp, '')))

    def _publish(self, publisher: Publisher, message: PointStamped | TwistStamped | JointState) -> None:
        try:
            publisher.publish(message)
        except rclpy_implementation.RCLError:
            self.failures += 1

    def wait_for_delivery(self, timeout: float) -> None:
        """Wait until the last command has arrived: a process that ends takes with it what has not.

        :param timeout: seconds
        """
        for publisher in (self._twist, self._command):
            if publisher is not None:
                publisher.wait_for_all_acked(Duration(seconds=timeout))

    def close(self) -> None:
        """Destroy the publishers."""
        for publisher in (self._target, self._twist, self._command):
            if publisher is not None:
                self._node.destroy_lifecycle_publisher(publisher)
