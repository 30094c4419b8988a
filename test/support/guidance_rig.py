"""Nodes around camera guidance, in real time, each a process of its own that a test may kill: `python FILE --ros-args`.

The parameter `role` says what it is: `perception`, whose target is never reached and never the same; `switch`, a
dead-man switch; or `heartbeat`. Of the last two `beats` says how often a second they publish joint states. Of a
switch `repeats` says how often a second it repeats itself (0: on events only), `pressed` what it says, and `lease` the
seconds of its liveliness (0: none).
"""

from __future__ import annotations

import numpy as np
import rclpy
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import LivelinessPolicy, QoSProfile
from sensor_msgs.msg import JointState, Joy

from mt3dnet_ros.ros.guidance.messages import fill_point
from mt3dnet_ros.ros.messages.headers import make_header
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.guidance import DEAD_MAN, DEPTH, GAZE

RATE = 50.0  # images per second
EVENTS = 3  # of a switch on events, too far apart to be a heartbeat: on a busy machine the first may come too late


class Rig(Node):
    """One of the roles."""

    def __init__(self) -> None:
        super().__init__('rig', automatically_declare_parameters_from_overrides=True)
        role = self.get_parameter('role').value
        getattr(self, f'_be_{role}')()
        print(f'{role} runs', flush=True)

    def _setting(self, name: str) -> float:
        return float(self.get_parameter_or(name, rclpy.Parameter(name, value=0.0)).value)

    def _header(self) -> object:
        return make_header(self.get_clock().now().nanoseconds, 'camera')

    def _be_perception(self) -> None:
        gaze, depth = GAZE.publisher(self), DEPTH.publisher(self)
        noise, surface = np.random.default_rng(0), np.full((8, 8), 0.1, np.float32)

        def publish() -> None:
            header = self._header()
            depth.publish(fill_image(surface, '32FC1', header))
            gaze.publish(fill_point(np.array([0.05, 0.0, 0.1]) + noise.normal(0.0, 1e-4, 3), header))

        self.create_timer(1.0 / RATE, publish)

    def _be_switch(self) -> None:
        profile = QoSProfile(depth=1)
        if lease := self._setting('lease'):
            profile = QoSProfile(
                depth=1, liveliness=LivelinessPolicy.AUTOMATIC, liveliness_lease_duration=Duration(seconds=lease)
            )
        switch = self.create_publisher(Joy, DEAD_MAN.name, profile)
        pressed, repeats = bool(self._setting('pressed')), self._setting('repeats')
        said = 0

        def say() -> None:
            nonlocal said
            if switch.get_subscription_count():
                switch.publish(Joy(header=self._header(), buttons=[int(pressed)]))
                said += 1
            if said == EVENTS and not repeats:
                timer.cancel()

        timer = self.create_timer(1.0 / (repeats or 3.0), say)
        if self._setting('beats'):
            self._be_heartbeat()

    def _be_heartbeat(self) -> None:
        joints = self.create_publisher(JointState, 'measured_js', 10)
        self.create_timer(1.0 / self._setting('beats'), lambda: joints.publish(JointState(header=self._header())))


if __name__ == '__main__':
    run_node(Rig)
