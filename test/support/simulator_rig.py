"""The ECM of dvrk_pybullet as ROS sees it, and what sees by it: `python FILE --ros-args -p role:=simulator ...`.

A transcription of the interface of dvrk_simulator_base (ros_interface.py @0f9e945, arm_controller.py @bc4133f,
operating_state.py, trajectory.py and ros_qos.py @0c4a36e) and dvrk_arm_description (arms/ECM.yaml @dcdf420): names,
types, queues and latched states; no `servo_jr`; goals beyond the limits, and all of them while it is not ENABLED and
homed, are dropped; `move_jp` goes straight at full speed; the joints are set, not driven. The role `sight` is another
process, as perception is: it says where a target is that stands still.

Parameters: `role`; `arm`; of the simulator `pitch` at the start; `pauses`, after how many seconds on average its loop
stands still, for 40 ms to `longest_pause` (0: never); `frozen_but_told`: pauses stop the arm and not what tells its
state, as where another process does; `seed`; `command`, as a state command. Of the sight `x` and `y`, the target's
place in metres. What a busy machine delays more than that, the simulator calls `disturbed`.
"""

from __future__ import annotations

import math
import random
import sys
import time
from functools import partial

import numpy as np
from crtk_msgs.msg import OperatingState, StringStamped
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import JointState

from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.simulated_scene import on_surface, seen_from
from mt3dnet_ros.ros.guidance.messages import fill_point, fill_pose
from mt3dnet_ros.ros.messages.headers import make_header, stamp_to_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.topics.guidance import DEPTH, GAZE

NAMES = ['yaw', 'pitch', 'insertion', 'roll']
LOWER, UPPER = np.array([-1.5707963, -0.7853982, 0.0, -4.53786]), np.array([1.5707963, 0.7853982, 0.299, 4.53786])
SPEED = np.array([1.0, 1.0, 0.4, 1.0])
STATE_RATE, IMAGE_RATE = 100.0, 30.0  # Hz
LONGEST_GAP = 0.1  # seconds between two states, and of a command on its way; pauses included
EVENTS = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)
TRANSITIONS = {'enable': 'ENABLED', 'disable': 'DISABLED', 'pause': 'PAUSED', 'resume': 'ENABLED', 'fault': 'FAULT'}


class Part(Node):
    """One of the roles, with its parameters.

    :param role: its name
    """

    def __init__(self, role: str) -> None:
        super().__init__(role, automatically_declare_parameters_from_overrides=True)
        self.arm = str(self.setting('arm', '/ECM'))

    def setting(self, name: str, default: float | str) -> float | str:
        return self.get_parameter(name).value if self.has_parameter(name) else default

    def header(self, frame: str = 'world') -> object:
        return make_header(self.get_clock().now().nanoseconds, frame)


class Simulator(Part):
    """The ECM."""

    def __init__(self) -> None:
        super().__init__('simulator')
        self._random = random.Random(int(self.setting('seed', 0)))
        self._joints = np.array([0.0, float(self.setting('pitch', 0.0)), 0.1, 0.0])
        self._start = self._goal = self._joints
        self._begin = self._span = 0.0  # of the motion, seconds
        self._told = math.inf  # when the state was published last
        self._state, self._homed = 'ENABLED', True
        self._create_topics()
        self.declare_parameter('command', '')
        self.add_post_set_parameters_callback(self._apply)
        self._tell_state()
        self._plan_pause()
        self.create_timer(1.0 / STATE_RATE, self._step)

    def _create_topics(self) -> None:
        def publisher(message: type, name: str, qos: QoSProfile | int = 10) -> Publisher:
            return self.create_publisher(message, f'{self.arm}/{name}', qos)

        self._measured, self._setpoint = (publisher(JointState, name) for name in ('measured_js', 'setpoint_js'))
        self._poses = [publisher(PoseStamped, name) for name in ('measured_cp', 'setpoint_cp')]
        self._states = publisher(OperatingState, 'operating_state', EVENTS)
        self._names, self._warnings = publisher(StringStamped, 'state', EVENTS), publisher(StringStamped, 'warning')
        for name, depth in (('servo_jp', 1), ('move_jp', 10)):
            take = partial(self._take, name)
            self.create_subscription(JointState, f'{self.arm}/{name}', take, depth)
        for name, depth in (('servo_cp', 1), ('move_cp', 10)):
            self.create_subscription(PoseStamped, f'{self.arm}/{name}', lambda _: None, depth)
        self.create_subscription(StringStamped, f'{self.arm}/state_command', self._obey, 10)

    def _plan_pause(self) -> None:
        seconds = float(self.setting('pauses', 0.0))
        self._next_pause = time.monotonic() + self._random.uniform(0.5, 1.5) * seconds if seconds else math.inf

    def _pause(self) -> None:
        length = self._random.uniform(0.04, float(self.setting('longest_pause', 0.08)))
        print(f'pauses for {1e3 * length:.0f} ms', flush=True)
        end = time.monotonic() + length
        while (left := end - time.monotonic()) > 0.0:
            if self.setting('frozen_but_told', 0.0):
                self._tell()
            time.sleep(min(left, 1.0 / STATE_RATE))
        self._plan_pause()

    def _note_delay(self, what: str, seconds: float) -> None:
        """Say where the machine, which has too much to do, has made a pause of its own."""
        if seconds > LONGEST_GAP:
            print(f'disturbed: {what} after {1e3 * seconds:.0f} ms', flush=True)

    def _take(self, channel: str, message: JointState) -> None:
        age = self.get_clock().now().nanoseconds - stamp_to_ns(message.header.stamp)
        self._note_delay(channel, 1e-9 * age if message.header.stamp.sec else 0.0)
        goal = np.array(message.position)
        if self._state != 'ENABLED' or not self._homed:
            print(f'{channel} while {self._state}, homed: {self._homed}', flush=True)
        elif set(message.name) != set(NAMES) or not np.isfinite(goal).all():
            self._warnings.publish(StringStamped(header=self.header(), string=f'rejected {channel}'))
        elif (goal < LOWER - 1e-6).any() or (goal > UPPER + 1e-6).any():
            print(f'dropped {channel} {goal.tolist()}', flush=True)
        else:
            self._start, self._goal, self._begin = self._joints, goal, time.monotonic()
            self._span = 0.0 if channel == 'servo_jp' else float(np.max(np.abs(goal - self._start) / SPEED))

    def _apply(self, changed: list[Parameter]) -> None:
        """Obey as a state command says, for tests in whose process CRTK's messages may be missing; plan pauses."""
        for parameter in changed:
            if parameter.name == 'command':
                self._obey(StringStamped(string=parameter.value))
            elif parameter.name == 'pauses':
                self._plan_pause()

    def _obey(self, message: StringStamped) -> None:
        if message.string in ('home', 'unhome'):
            self._homed = message.string == 'home'
        else:
            self._state = TRANSITIONS[message.string]
        if self._state != 'ENABLED' or not self._homed:
            self._start = self._goal = self._joints
        self._tell_state()

    def _tell_state(self) -> None:
        self._states.publish(OperatingState(header=self.header(), state=self._state, is_homed=self._homed))
        self._names.publish(StringStamped(header=self.header(), string=self._state))

    def _step(self) -> None:
        if time.monotonic() > self._next_pause:
            self._pause()
        share = (time.monotonic() - self._begin) / self._span if self._span else 1.0
        self._joints = self._start + min(share, 1.0) * (self._goal - self._start)
        self._tell()

    def _tell(self) -> None:
        self._note_delay('state', time.monotonic() - self._told)
        self._told = time.monotonic()
        header, still = self.header(), [0.0] * 4
        self._measured.publish(JointState(header=header, name=NAMES, position=self._joints.tolist(), velocity=still))
        self._setpoint.publish(JointState(header=header, name=NAMES, position=self._goal.tolist(), velocity=still))
        pose = fill_pose(Ecm(model='virtual').tip_pose(self._joints), header)
        for publisher in self._poses:
            publisher.publish(pose)


class Sight(Part):
    """Says where a target is in the view of the arm's last state."""

    def __init__(self) -> None:
        super().__init__('sight')
        self._joints = np.full(4, np.nan)
        self._noise = np.random.default_rng(0)
        self._gaze, self._depth = GAZE.publisher(self), DEPTH.publisher(self)
        self.create_subscription(JointState, f'{self.arm}/measured_js', self._take, 10)
        self.create_timer(1.0 / IMAGE_RATE, self._see)

    def _take(self, message: JointState) -> None:
        self._joints = np.array(message.position)

    def _see(self) -> None:
        header = self.header('ECM_view_optical')
        target = on_surface(float(self.setting('x', 0.032)), float(self.setting('y', 0.0)))
        seen = seen_from(Ecm(model='virtual').camera_pose(self._joints), target)
        self._depth.publish(fill_image(np.full((8, 8), seen[2], np.float32), '32FC1', header))
        self._gaze.publish(fill_point(seen + self._noise.normal(0.0, 2e-5, 3), header))


def make() -> Part:
    roles = {'simulator': Simulator, 'sight': Sight}
    part = roles[next(word.partition(':=')[2].strip('"') for word in sys.argv if word.startswith('role:='))]()
    print(f'{part.get_name()} runs', flush=True)
    return part


if __name__ == '__main__':
    run_node(make)
