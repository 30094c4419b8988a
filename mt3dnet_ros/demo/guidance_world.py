"""The world of the guidance demo: its clock, a scene before a moving camera, a surgeon's hand, and a record.

Camera guidance and the simulated ECM run in processes of their own, on simulated time that this world makes. It goes on
by one step only when both have answered the last one, so that no load of the machine can change what happens.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PointStamped, TwistStamped
from rcl_interfaces.srv import SetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, JointState, Joy
from std_msgs.msg import Header
from std_srvs.srv import SetBool

from mt3dnet_ros.demo.guidance_record import Moment
from mt3dnet_ros.demo.processes import NodeError
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.guidance.ecm import Ecm
from mt3dnet_ros.guidance.simulated_scene import SimulatedScene, seen_from
from mt3dnet_ros.msg import Fixation, Scanpath
from mt3dnet_ros.ros.guidance_messages import fill_point, read_joints
from mt3dnet_ros.ros.headers import SECOND, make_header, stamp_from_ns, stamp_to_ns
from mt3dnet_ros.ros.images import fill_image
from mt3dnet_ros.ros.qos import OUTPUT

PERIOD = SECOND // 100  # nanoseconds of one step
FRAME_STEPS = 4  # from image to image: 25 Hz
LATENCY = 6  # steps from an image to what perception says of it
FRAME_ID = 'endoscope_optical_frame'
NAMESPACE = '/guidance_demo'  # of all topics: no robot that is really there may hear the commands
GUIDANCE, ECM, ARM = f'{NAMESPACE}/camera_guidance', f'{NAMESPACE}/simulated_ecm', f'{NAMESPACE}/ECM'


class GuidanceWorld:
    """Makes time go on, step by step, and keeps what happened.

    :param camera: of the endoscope
    :param target: the place (3,) of the target at a time in seconds, metres in the arm's base frame
    :param check: called while the nodes are waited for; raises where one of them cannot go on
    :param timeout: seconds of real time that the nodes may take for a step
    """

    def __init__(
        self, camera: Camera, target: Callable[[float], np.ndarray], check: Callable[[], None], timeout: float = 60.0,
    ) -> None:
        self.target = target
        self._check = check
        self.sees = True  # what perception says arrives
        self.knows_depth = True  # and its depth is known
        self.on_frame: Callable[[np.ndarray, Moment], None] = lambda picture, moment: None
        self.moments: list[Moment] = []
        self._scene, self._ecm = SimulatedScene(camera), Ecm()
        self._timeout = timeout
        self._steps = 100  # the clock begins at one second: zero says that there is none
        self._waiting: deque[tuple[int, Header, np.ndarray, np.ndarray]] = deque()  # to be perceived, and at which step
        self._answers: dict[str, Any] = {}
        self._commands: dict[int, np.ndarray] = {}  # increments by their stamp
        self._moved = False  # at the last step
        self._values: dict[str, str] = {}  # of the last diagnostics
        self._context = Context()
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node('guidance_world', namespace=NAMESPACE, context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._publish_and_subscribe()

    def __enter__(self) -> GuidanceWorld:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def _publish_and_subscribe(self) -> None:
        node = self._node
        self._clock = node.create_publisher(Clock, '/clock', 10)
        self._gaze = node.create_publisher(PointStamped, 'gaze', OUTPUT)
        self._scanpath = node.create_publisher(Scanpath, 'scanpath', OUTPUT)
        self._depth = node.create_publisher(Image, 'depth', OUTPUT)
        self._dead_man = node.create_publisher(Joy, 'dead_man', OUTPUT)
        node.create_subscription(JointState, f'{ARM}/measured_js', self._keep('joints'), 10)
        node.create_subscription(TwistStamped, f'{GUIDANCE}/camera_twist', self._keep('twist'), 10)
        node.create_subscription(JointState, f'{ARM}/servo_jr', self._take_command, 10)
        node.create_subscription(DiagnosticArray, '/diagnostics', self._read_diagnostics, 10)

    def _keep(self, name: str) -> Callable[[Any], None]:
        def keep(message: Any) -> None:
            if stamp_to_ns(message.header.stamp) == self._steps * PERIOD:
                self._answers[name] = message

        return keep

    def _take_command(self, message: JointState) -> None:
        self._commands[stamp_to_ns(message.header.stamp)] = read_joints(message)

    def _read_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == GUIDANCE:
                self._values = {pair.key: pair.value for pair in status.values}

    @property
    def now(self) -> float:
        """Simulated time in seconds."""
        return self._steps * PERIOD / SECOND

    @property
    def has_just_perceived(self) -> bool:
        """Whether at the last step perception said something of an image."""
        return (self._steps - 1 - LATENCY) % FRAME_STEPS == 0

    def wait_for_nodes(self) -> None:
        """Wait until all topics have their ends: a message to a subscriber that is not there yet would be lost.

        :raises NodeError: they do not within the timeout
        """
        def ready() -> bool:
            publishers = self._gaze, self._scanpath, self._depth, self._dead_man
            return self._clock.get_subscription_count() >= 2 and all(p.get_subscription_count() for p in publishers)

        if self._node.count_publishers('/clock') > 1:
            raise NodeError('someone publishes /clock already; end it or set another ROS_DOMAIN_ID')
        self._spin_until(ready, 'camera_guidance and simulated_ecm to subscribe')
        self._moved = False
        self._spin_until(self._knocks, 'camera_guidance and simulated_ecm to answer')
        self._spin_until(self._hears_joints, 'camera_guidance to hear of the joints')

    def _knocks(self) -> bool:
        """Let time go on without waiting and return whether both answer."""
        self._tell_time()
        deadline = time.monotonic() + 0.2
        while not self._answered() and time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=0.02)
        return self._answered()

    def _hears_joints(self) -> bool:
        """Let time go on and return whether guidance knows the joints: the two nodes have found each other."""
        self.step()
        return 'nan' not in self._values.get('joints [rad, m]', 'nan')

    def press(self, pressed: bool) -> None:
        """Press or release the dead-man switch."""
        if self._dead_man is None:
            self._join_dead_man()
        header = make_header(self._steps * PERIOD, '')
        self._dead_man.publish(Joy(header=header, buttons=[int(pressed)]))

    def _join_dead_man(self) -> None:
        self._dead_man = self._node.create_publisher(Joy, 'dead_man', OUTPUT)
        self._spin_until(self._dead_man.get_subscription_count, 'camera_guidance to know the dead-man switch')

    def leave_dead_man(self) -> None:
        """Let nobody publish the dead-man switch until it is pressed again."""
        self._node.destroy_publisher(self._dead_man)
        self._spin_until(lambda: not self._node.count_publishers('dead_man'), 'the dead-man switch to be gone')
        self._dead_man = None

    def enable(self, wanted: bool) -> None:
        """Enable guidance, or disable it.

        :raises NodeError: guidance refuses
        """
        answer = self._call(SetBool, f'{GUIDANCE}/enable', SetBool.Request(data=wanted))
        if not answer.success:
            raise NodeError(f'{GUIDANCE} could not be enabled: {answer.message}')

    def freeze(self, frozen: bool) -> None:
        """Freeze the joints of the simulated ECM, or let them go."""
        request = SetParameters.Request(parameters=[Parameter('frozen', value=frozen).to_parameter_msg()])
        self._call(SetParameters, f'{ECM}/set_parameters', request)

    def run(self, seconds: float) -> None:
        """Let simulated time go on."""
        for _ in range(round(seconds * SECOND / PERIOD)):
            self.step()

    def step(self) -> None:
        """Let one period go by.

        :raises NodeError: a node does not answer within the timeout
        """
        while self._waiting and self._waiting[0][0] <= self._steps:
            self._perceive(*self._waiting.popleft()[1:])
        self._tell_time()
        self._spin_until(self._answered, 'camera_guidance and simulated_ecm to go on')
        self._note()

    def _tell_time(self) -> None:
        self._steps += 1
        self._answers.clear()
        self._clock.publish(Clock(clock=stamp_from_ns(self._steps * PERIOD)))

    def _answered(self) -> bool:
        """Return whether both nodes are done with this step: the joints, the twist, and with a motion the command."""
        if self._answers.keys() != {'joints', 'twist'}:
            return False
        return self._steps * PERIOD in self._commands or not (self._moved or self._moves())

    def _moves(self) -> bool:
        twist = self._answers['twist'].twist
        return any((twist.linear.x, twist.linear.y, twist.linear.z, twist.angular.x, twist.angular.y, twist.angular.z))

    def _note(self) -> None:
        self._moved = self._moves()
        joints: JointState = self._answers['joints']
        pose = self._ecm.camera_pose(read_joints(joints))
        place = self.target(self.now)
        moment = Moment(
            self.now, seen_from(pose, place), np.array(joints.position), np.array(joints.velocity),
            self._commands.pop(self._steps * PERIOD, np.zeros(4)), self._values.get('reason', ''))
        self.moments.append(moment)
        if self._steps % FRAME_STEPS == 0:
            self._take_image(pose, place, moment)

    def _take_image(self, pose: np.ndarray, place: np.ndarray, moment: Moment) -> None:
        picture, depth = self._scene.view(pose, place)
        self.on_frame(picture, moment)
        header = make_header(self._steps * PERIOD, FRAME_ID)
        self._waiting.append((self._steps + LATENCY, header, moment.seen, depth))

    def _perceive(self, header: Header, seen: np.ndarray, depth: np.ndarray) -> None:
        """Publish what perception says of an image."""
        if not self.sees:
            return
        known = depth if self.knows_depth else np.full_like(depth, np.nan)
        gaze = fill_point(seen, header)
        fixation = Fixation(instance_id=-1, position=gaze.point, weight=1.0, order=1)
        self._depth.publish(fill_image(known, '32FC1', header))
        self._scanpath.publish(Scanpath(header=header, fixations=[fixation]))
        self._gaze.publish(gaze)

    def _spin_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + self._timeout
        while not condition():
            if time.monotonic() > deadline:
                raise NodeError(f'waited {self._timeout:.0f} s for {what}; is another of them running?')
            self._check()
            self._executor.spin_once(timeout_sec=0.2)

    def _call(self, service: Any, name: str, request: Any) -> Any:
        client = self._node.create_client(service, name)
        self._spin_until(client.service_is_ready, f'the service {name}')
        future = client.call_async(request)
        self._spin_until(future.done, f'an answer of {name}')
        self._node.destroy_client(client)
        return future.result()
