"""The topics and services between the world of the guidance demo and the nodes in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.srv import SetParameters
from rclpy.client import Client
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.signals import SignalHandlerOptions
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState, Joy
from std_srvs.srv import SetBool

from mt3dnet_ros.demo.processes import NodeError
from mt3dnet_ros.msg import Fixation, Scanpath
from mt3dnet_ros.perception.scale.depth_scale import DepthScale
from mt3dnet_ros.ros.guidance.messages import fill_point, read_joints
from mt3dnet_ros.ros.messages.depth_scale import fill_depth_scale
from mt3dnet_ros.ros.messages.headers import make_header, stamp_from_ns, stamp_to_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.topics.guidance import (
    CAMERA_TWIST,
    DEAD_MAN,
    DEPTH,
    GAZE,
    MEASURED_JOINTS,
    SCALE,
    SCANPATH,
    SERVO_JOINTS,
)
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS

NAMESPACE = '/guidance_demo'  # of all topics: no real robot may receive the commands
GUIDANCE, ECM, ARM = f'{NAMESPACE}/camera_guidance', f'{NAMESPACE}/simulated_ecm', f'{NAMESPACE}/ECM'
FRAME_ID = 'endoscope_optical_frame'


class GuidanceLink:
    """Publishes the time and what perception would publish, and receives what the nodes answer.

    :param check: called while the nodes are waited for; raises where one of them cannot go on
    :param timeout: seconds of real time that they may take for an answer
    """

    def __init__(self, check: Callable[[], None], timeout: float) -> None:
        self.values: dict[str, str] = {}  # of guidance's last diagnostics
        self.dead_man_speaks = True  # repeats itself
        self._check = check
        self._timeout = timeout
        self._now = 0  # nanoseconds
        self._answers: dict[str, Any] = {}  # to the time of now
        self._commands: dict[int, np.ndarray] = {}  # increments by their stamp
        self._moved = False  # at the time before
        self._context = Context()
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)  # Ctrl-C stays Python's
        self._node = rclpy.create_node('guidance_world', namespace=NAMESPACE, context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._publish_and_subscribe()

    def _publish_and_subscribe(self) -> None:
        node = self._node
        self._clock = node.create_publisher(Clock, '/clock', 10)
        self._gaze, self._scanpath, self._depth = GAZE.publisher(node), SCANPATH.publisher(node), DEPTH.publisher(node)
        self._scale = SCALE.publisher(node)
        self._dead_man: Publisher[Joy] | None = None  # until it is pressed
        self._pressed = False
        MEASURED_JOINTS.of(arm=ARM).subscription(node, self._keep('joints'))
        CAMERA_TWIST.of_node(GUIDANCE).subscription(node, self._keep('twist'))
        SERVO_JOINTS.of(arm=ARM).subscription(node, self._take_command)
        DIAGNOSTICS.subscription(node, self._read_diagnostics)

    def _keep(self, name: str) -> Callable[[Any], None]:
        def keep(message: Any) -> None:
            if stamp_to_ns(message.header.stamp) == self._now:
                self._answers[name] = message

        return keep

    def _take_command(self, message: JointState) -> None:
        self._commands[stamp_to_ns(message.header.stamp)] = read_joints(message)

    def _read_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == GUIDANCE:
                self.values = {pair.key: pair.value for pair in status.values}

    def close(self) -> None:
        """Leave the graph."""
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def wait_for_subscribers(self) -> None:
        """Wait until both nodes subscribe.

        :raises NodeError: they do not in time, or another node publishes the time
        """

        def ready() -> bool:
            inputs = self._gaze, self._scanpath, self._depth, self._scale
            return self._clock.get_subscription_count() >= 2 and all(p.get_subscription_count() for p in inputs)

        if self._node.count_publishers('/clock') > 1:
            raise NodeError('another node publishes /clock; end it or set another ROS_DOMAIN_ID')
        self.wait_until(ready, 'camera_guidance and simulated_ecm to subscribe')
        self._moved = False

    def publish_time(self, now: int) -> None:
        """Publish the time in nanoseconds."""
        self._now = now
        self._answers.clear()
        self._clock.publish(Clock(clock=stamp_from_ns(now)))

    def poll_answers(self, patience: float) -> bool:
        """Return whether both nodes answer to the time within so many seconds."""
        deadline = time.monotonic() + patience
        while not self._answered() and time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=0.02)
        return self._answered()

    def wait_for_answers(self) -> tuple[JointState, np.ndarray]:
        """Wait for both nodes; return the measured joints, and the increments (4,) that are commanded.

        :raises NodeError: a node does not answer in time
        """
        self.wait_until(self._answered, 'camera_guidance and simulated_ecm to go on')
        self._moved = self._moves()
        return self._answers['joints'], self._commands.pop(self._now, np.zeros(4))

    def _answered(self) -> bool:
        """Return whether the joints, the twist, and with a motion or its end the command, have come."""
        if self._answers.keys() != {'joints', 'twist'}:
            return False
        return self._now in self._commands or not (self._moved or self._moves())

    def _moves(self) -> bool:
        linear, angular = self._answers['twist'].twist.linear, self._answers['twist'].twist.angular
        return any((linear.x, linear.y, linear.z, angular.x, angular.y, angular.z))

    def publish_perception(
        self, stamp: int, seen: np.ndarray, depth: np.ndarray, scale: DepthScale | None = None
    ) -> None:
        """Publish what perception would publish of an image: where to look (3,), depth (H, W), in metres, its scale."""
        header = make_header(stamp, FRAME_ID)
        gaze = fill_point(seen, header)
        fixation = Fixation(instance_id=-1, position=gaze.point, weight=1.0, order=1)
        self._depth.publish(fill_image(depth, '32FC1', header))
        if scale:
            self._scale.publish(fill_depth_scale(scale, header))
        self._scanpath.publish(Scanpath(header=header, fixations=[fixation]))
        self._gaze.publish(gaze)

    def press_dead_man(self, pressed: bool) -> None:
        """Press or release the dead-man switch."""
        if self._dead_man is None:
            self._dead_man = DEAD_MAN.publisher(self._node)
            self.wait_until(self._dead_man.get_subscription_count, 'camera_guidance to subscribe to dead_man')
        self._pressed = pressed
        self.repeat_dead_man()

    def repeat_dead_man(self) -> None:
        """Publish the dead-man switch as it is: one that fell silent would count as released."""
        if self._dead_man is not None and self.dead_man_speaks:
            self._dead_man.publish(Joy(header=make_header(self._now, ''), buttons=[int(self._pressed)]))

    def remove_dead_man(self) -> None:
        """End the publisher of the dead-man switch until the switch is pressed again."""
        if self._dead_man is not None:
            self._node.destroy_publisher(self._dead_man)
        self._dead_man = None

    def enable(self, wanted: bool) -> None:
        """Enable guidance, or disable it; nodes may discover each other meanwhile, before which guidance refuses.

        :raises NodeError: guidance refuses
        """
        deadline = time.monotonic() + self._timeout
        while not (answer := self._call(SetBool, f'{GUIDANCE}/enable', SetBool.Request(data=wanted))).success:
            if time.monotonic() > deadline:
                raise NodeError(f'{GUIDANCE} could not be enabled: {answer.message}')
            self._executor.spin_once(timeout_sec=0.2)

    def freeze(self, frozen: bool) -> None:
        """Freeze the joints of the simulated ECM, or let them go."""
        request = SetParameters.Request(parameters=[Parameter('frozen', value=frozen).to_parameter_msg()])
        self._call(SetParameters, f'{ECM}/set_parameters', request)

    def _call(self, service: Any, name: str, request: Any) -> Any:
        client: Client[Any, Any] = self._node.create_client(service, name)
        self.wait_until(client.service_is_ready, f'the service {name}')
        future = client.call_async(request)
        self.wait_until(future.done, f'an answer of {name}')
        self._node.destroy_client(client)
        return future.result()

    def wait_until(self, condition: Callable[[], Any], what: str) -> None:
        """Let messages come until the condition holds.

        :raises NodeError: it does not in time
        """
        deadline = time.monotonic() + self._timeout
        while not condition():
            if time.monotonic() > deadline:
                raise NodeError(f'waited {self._timeout:.0f} s for {what}; is another of them running?')
            self._check()
            self._executor.spin_once(timeout_sec=0.2)
