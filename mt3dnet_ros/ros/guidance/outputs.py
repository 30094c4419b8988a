"""What guidance publishes: the target, the twist of the camera, and commands to an ECM."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from rclpy.duration import Duration
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from sensor_msgs.msg import JointState

from mt3dnet_ros.guidance.guide import MotionCommand
from mt3dnet_ros.guidance.joint_limits import read_joint_limits
from mt3dnet_ros.ros.diagnostics import WARN, Finding
from mt3dnet_ros.ros.guidance.messages import fill_joints, fill_point, fill_twist
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.parameters.guidance import GOAL_PERIOD, GOALS, CameraGuidanceParameters
from mt3dnet_ros.ros.topics.guidance import CAMERA_TWIST, JOINT_COMMANDS, TARGET

M = TypeVar('M')


class GuidancePublishers:
    """The publishers of a configured node."""

    def __init__(self, node: LifecycleNode, parameters: CameraGuidanceParameters) -> None:
        self._node = node
        self._target = TARGET.lifecycle_publisher(node)
        self._twist = CAMERA_TWIST.lifecycle_publisher(node)
        self._arm, self._command = parameters.dvrk__arm, parameters.dvrk__command
        self._sends_goals = self._command in GOALS
        self._limits = read_joint_limits(parameters.dvrk__model)
        self._joints: LifecyclePublisher[JointState] | None = None
        if parameters.dvrk__enabled:
            commands = JOINT_COMMANDS[self._command].of(arm=self._arm)
            self._joints = commands.lifecycle_publisher(node)
        every = GOAL_PERIOD if self._command == 'move_jp' else 0.0
        self._goals_every = max(1, math.ceil(every * parameters.rate))
        self._periods = 0  # since the last goal
        self._was_moving = False
        self.failures = 0  # messages that an overloaded middleware refused

    def publish_target(self, point: np.ndarray, stamp: int, frame_id: str) -> None:
        """Publish where the camera is to look, (3,) metres in the optical frame."""
        self._publish(self._target, fill_point(point, make_header(stamp, frame_id)))

    def publish_command(self, command: MotionCommand, stamp: int, frame_id: str) -> None:
        """Publish the motion of one period: always the twist, joint commands only of a motion and of its end.

        A goal that is not known is none: after a pause the arm is not sent back to where it was before.
        """
        if self._joints and (command.moving or self._was_moving):
            self._publish_joints(self._joints, command, stamp)
        self._was_moving = command.moving
        self._publish(self._twist, fill_twist(command.twist, make_header(stamp, frame_id)))

    def _publish_joints(self, publisher: LifecyclePublisher[JointState], command: MotionCommand, stamp: int) -> None:
        if not self._sends_goals:
            self._publish(publisher, fill_joints(command.increments, make_header(stamp, '')))
            return
        self._periods = (self._periods + 1) % self._goals_every
        begins_or_ends = command.moving != self._was_moving
        if (begins_or_ends or self._periods == 0) and np.isfinite(command.goal).all():
            goal = np.clip(command.goal, *self._limits)  # what is beyond them is noise: guidance holds farther out
            self._publish(publisher, fill_joints(goal, make_header(stamp, '')))

    def _publish(self, publisher: LifecyclePublisher[M], message: M) -> None:
        try:
            publisher.publish(message)
        except rclpy_implementation.RCLError:
            self.failures += 1

    def silence(self) -> str:
        """Return that nobody hears the commands to the arm, with what to do; empty where somebody does."""
        if self._joints is None or self._joints.get_subscription_count():
            return ''
        heard = [name for name in JOINT_COMMANDS if name != self._command and self._is_heard(name)]
        advice = ' or '.join(f'command:={name}' for name in heard)
        remedy = f'it takes {", ".join(heard)}: {advice} (dvrk.command)' if heard else 'start the arm, or set dvrk.arm'
        return f'{self._joints.topic_name} has no subscriber; {remedy}'

    def _is_heard(self, command: str) -> bool:
        topic = JOINT_COMMANDS[command].of(arm=self._arm)
        return self._node.count_subscribers(self._node.resolve_topic_name(topic.name)) > 0

    def findings(self) -> list[Finding]:
        """Return whether another node can command the same arm, which then moves faster than any limit of ours."""
        topic = self._joints.topic_name if self._joints else ''
        if not topic or self._node.count_publishers(topic) <= 1:
            return []
        text = f'another node publishes {topic} as well; let only one of them command the arm'
        return [Finding('rival', WARN, text)]

    def wait_for_delivery(self, timeout: float) -> None:
        """Wait until the last command has arrived: a process that ends takes with it what has not.

        :param timeout: seconds
        """
        self._twist.wait_for_all_acked(Duration(seconds=timeout))
        if self._joints:
            self._joints.wait_for_all_acked(Duration(seconds=timeout))

    def close(self) -> None:
        """Destroy the publishers."""
        self._node.destroy_lifecycle_publisher(self._target)
        self._node.destroy_lifecycle_publisher(self._twist)
        if self._joints:
            self._node.destroy_lifecycle_publisher(self._joints)
