"""The rig's own node: the surgeon's eyes, pedal and switch, and a note of when everything came."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PointStamped
from rclpy.client import Client
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image, JointState, Joy
from std_srvs.srv import SetBool

from mt3dnet_ros.demo.dvrk.names import CONSOLE, GUIDANCE, IMAGES, NAMESPACE, PEDAL, PERCEPTIONS, SWITCH
from mt3dnet_ros.demo.dvrk.record import Arrival, ArrivedPicture, RigRecord
from mt3dnet_ros.demo.processes import NodeError
from mt3dnet_ros.msg import DetectionArray
from mt3dnet_ros.ros.messages.headers import make_header, stamp_to_ns
from mt3dnet_ros.ros.messages.images import decode_image
from mt3dnet_ros.ros.qos import OUTPUT, QUEUED
from mt3dnet_ros.ros.topics.console import PICTURES
from mt3dnet_ros.ros.topics.guidance import SERVO_JOINTS, TARGET
from mt3dnet_ros.ros.topics.perception import BY_KEY
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS

_QUALITY = 92  # of JPEG, in which the video is kept
_BEAT = 0.02  # seconds from one message of the dead-man switch to the next
_DISCOVERY = 1.0  # seconds until nodes that run already are seen


class RigWatcher:
    """Publishes the surgeon's hands and notes what comes; a context manager.

    :param sides: eyes that there are
    :param watches_pictures: whether to keep video and overlay, which come by topics; a display keeps them otherwise
    """

    def __init__(self, sides: tuple[str, ...], watches_pictures: bool) -> None:
        self.record = RigRecord()
        self.reports: dict[str, str] = {}  # the newest message of each node's diagnostics
        self._sides, self._watches_pictures = sides, watches_pictures
        self._context = Context()
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)  # Ctrl-C stays Python's
        self._node = rclpy.create_node('surgeon', namespace=NAMESPACE, context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._switch = self._node.create_publisher(Joy, SWITCH, QUEUED)
        self._pedal = self._node.create_publisher(Joy, PEDAL, QUEUED)
        self._node.create_timer(_BEAT, self._hold_switch)
        self._holds_switch = False

    def __enter__(self) -> RigWatcher:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def check_alone(self) -> None:
        """Refuse to run beside another rig.

        :raises NodeError: another node publishes its topics
        """
        self.spin(_DISCOVERY)
        for topic in IMAGES.values():
            if others := self._node.get_publishers_info_by_topic(topic):
                domain = self._node.context.get_domain_id()
                raise NodeError(
                    f"node '{others[0].node_name}' publishes {topic} already; end it or set another "
                    f'ROS_DOMAIN_ID than {domain}'
                )

    def subscribe(self) -> None:
        """Begin to note what comes."""
        node = self._node
        for side in self._sides:
            eye = self.record.eyes[side]
            detections = BY_KEY['detections'].below(PERCEPTIONS[side])
            node.create_subscription(DetectionArray, detections, partial(self._note, eye.detections), OUTPUT)
            node.create_subscription(Image, IMAGES[side], partial(self._note_video, side), OUTPUT)
            if self._watches_pictures:
                topic = PICTURES[side].below(CONSOLE)
                node.create_subscription(Image, topic, partial(self._note_overlay, side), OUTPUT)
        node.create_subscription(PointStamped, TARGET.below(GUIDANCE), partial(self._note, self.record.targets), QUEUED)
        node.create_subscription(JointState, SERVO_JOINTS.of(arm=f'{NAMESPACE}/ECM').name, self._note_command, QUEUED)
        node.create_subscription(DiagnosticArray, DIAGNOSTICS.name, self._read_diagnostics, QUEUED)

    def subscribers(self, topic: str) -> int:
        """Return how many subscribe to a topic."""
        return self._node.count_subscribers(topic)

    def publishes(self, topic: str) -> bool:
        """Return whether somebody publishes a topic."""
        return bool(self._node.count_publishers(topic))

    def spin(self, seconds: float, check: Callable[[], None] = lambda: None) -> None:
        """Let messages come.

        :param check: called now and then; raises where a node cannot go on
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0.0:
            self._executor.spin_once(timeout_sec=min(left, 0.1))
            check()

    def spin_until(self, condition: Callable[[], Any], timeout: float, what: str, check: Callable[[], None]) -> None:
        """Let messages come until the condition holds.

        :raises NodeError: it does not in time
        """
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise NodeError(f'waited {timeout:.0f} s for {what}; the logs say more')
            self.spin(0.05, check)

    def press_pedal(self) -> None:
        """Press the console's pedal and let it go."""
        for state in (1, 0):
            self._pedal.publish(Joy(header=self._header(), buttons=[state]))

    def hold_switch(self) -> None:
        """Press the dead-man switch of guidance, for good."""
        self._holds_switch = True

    def enable_guidance(self, check: Callable[[], None]) -> None:
        """Enable guidance; it and the arm may discover each other meanwhile, before which it refuses.

        :raises NodeError: it refuses
        """
        client: Client[Any, Any] = self._node.create_client(SetBool, f'{GUIDANCE}/enable')
        self.spin_until(client.service_is_ready, 30.0, f'the service {GUIDANCE}/enable', check)
        deadline = time.monotonic() + 30.0
        while not (answer := self._ask_to_enable(client, check)).success:
            if time.monotonic() > deadline:
                raise NodeError(f'guidance could not be enabled: {answer.message}')
            self._executor.spin_once(timeout_sec=0.2)

    def _ask_to_enable(self, client: Client[Any, Any], check: Callable[[], None]) -> SetBool.Response:
        future = client.call_async(SetBool.Request(data=True))
        self.spin_until(future.done, 30.0, f'an answer of {GUIDANCE}/enable', check)
        answer = future.result()
        if answer is None:
            raise NodeError(f'{GUIDANCE}/enable gave no answer')
        return answer

    def now(self) -> int:
        """Return the time by the system's clock, nanoseconds."""
        return self._node.get_clock().now().nanoseconds

    def _header(self) -> Any:
        return make_header(self.now(), '')

    def _hold_switch(self) -> None:
        if self._holds_switch:
            self._switch.publish(Joy(header=self._header(), buttons=[1]))

    def _note(self, arrivals: list[Arrival], message: Any) -> None:
        arrivals.append(Arrival(self.now(), stamp_to_ns(message.header.stamp)))

    def _note_video(self, side: str, message: Image) -> None:
        now = self.now()
        if not self._watches_pictures:
            self.record.eyes[side].video.append(ArrivedPicture(now, stamp_to_ns(message.header.stamp)))
            return
        picture = cv2.cvtColor(decode_image(message), cv2.COLOR_RGB2BGR)
        data = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
        self.record.eyes[side].video.append(ArrivedPicture(now, stamp_to_ns(message.header.stamp), data))

    def _note_overlay(self, side: str, message: Image) -> None:
        now, stamp = self.now(), stamp_to_ns(message.header.stamp)
        picture = np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 4)
        filled = cv2.countNonZero(cv2.extractChannel(picture, 3))
        data = cv2.imencode('.png', picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes() if filled else b''
        self.record.eyes[side].overlay.append(ArrivedPicture(now, stamp, data, filled))

    def _note_command(self, _: JointState) -> None:
        self.record.commands.append(self.now())

    def _read_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.reports[status.name] = status.message
            if status.name == GUIDANCE:
                self.record.states.append(status.message)
