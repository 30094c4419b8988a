"""The node perception in a process of its own, a camera in another, and all subscribers here, over real DDS."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.qos import OUTPUT
from mt3dnet_ros.ros.topics.output import Output
from mt3dnet_ros.ros.topics.perception import BY_KEY, OUTPUTS
from mt3dnet_ros.ros.topics.topic import DIAGNOSTICS

if TYPE_CHECKING:
    from rclpy.subscription import MessageInfo, Subscription

NODE = '/perception'
ALL = tuple(output.key for output in OUTPUTS if output.is_recorded and not output.needs_saliency)
_ROOT = Path(__file__).resolve().parents[1]
_DIFFERENT_IMAGES = 16


def choose_domain() -> None:
    """Take a ROS domain of our own, unless the caller chose one."""
    os.environ.setdefault('ROS_DOMAIN_ID', str(1 + os.getpid() % 99))


def read_pictures(source: str, size: tuple[int, int]) -> list[np.ndarray]:
    """Return some pictures of a video or folder, rgb, at another size.

    :param size: width and height in pixels
    """
    pictures = []
    for picture in open_source(source):
        pictures.append(cv2.resize(picture.image, size, interpolation=cv2.INTER_AREA))
        if len(pictures) == _DIFFERENT_IMAGES:
            break
    return pictures


def publish_images(source: str, size: tuple[int, int], rate: float) -> None:
    """Publish images and their CameraInfo until terminated; the work of the camera's process."""
    rclpy.init(signal_handler_options=rclpy.SignalHandlerOptions.NO)
    node = rclpy.create_node('camera')
    images = node.create_publisher(Image, 'image', OUTPUT)
    infos = node.create_publisher(CameraInfo, 'camera_info', OUTPUT)
    info = info_from_camera(Camera.from_field_of_view(*size, 1.05), Header(frame_id='scope'))
    messages = [fill_image(picture, 'rgb8', Header(frame_id='scope')) for picture in read_pictures(source, size)]
    start = time.perf_counter()
    for index in range(sys.maxsize):
        time.sleep(max(0.0, start + index / rate - time.perf_counter()))
        message = messages[index % len(messages)]
        message.header.stamp = info.header.stamp = node.get_clock().now().to_msg()
        infos.publish(info)
        images.publish(message)


@dataclass
class Measurement:
    """What was measured in a while.

    :param arrivals: seconds from an image's stamp to the arrival of the last of its outputs
    :param stages: median milliseconds per stage, as the node reports them
    :param cpu: of the node, in cores
    :param memory: resident memory of the node at the end, bytes
    """

    seconds: float
    arrivals: list[float] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    cpu: float = 0.0
    memory: int = 0

    @property
    def rate(self) -> float:
        """Frames per second whose outputs all arrived."""
        return len(self.arrivals) / self.seconds

    def latency(self, percentile: float) -> float:
        """Return a percentile of the arrivals in milliseconds; NaN where nothing arrived."""
        return 1e3 * float(np.percentile(self.arrivals, percentile)) if self.arrivals else float('nan')


class NodeUnderLoad:
    """Starts node and camera; a context manager.

    :param size: width and height of the images in pixels
    :param parameters: of the node, as ROS arguments write them
    """

    def __init__(self, source: str, size: tuple[int, int], rate: float, parameters: Collection[str] = ()) -> None:
        command = [sys.executable, str(_ROOT / 'scripts' / 'perception'), '--ros-args']
        for parameter in parameters:
            command += ['-p', parameter]
        self._process = subprocess.Popen(command, start_new_session=True)
        self._camera: BaseProcess = get_context('spawn').Process(target=publish_images, args=(source, size, rate))
        self._camera.start()
        rclpy.init(signal_handler_options=rclpy.SignalHandlerOptions.NO)
        self._node = rclpy.create_node('measuring')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        DIAGNOSTICS.subscription(self._node, self._read_diagnostics)
        self._subscriptions: list[Subscription[Any]] = []
        self._stages: dict[str, float] = {}
        self._received = 0
        self._arrived: dict[int, tuple[int, int]] = {}  # stamp -> outputs, time of the last

    def __enter__(self) -> NodeUnderLoad:
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGINT)
        self._camera.terminate()
        self._camera.join()
        self._process.wait(10)
        self._executor.shutdown()
        rclpy.try_shutdown()

    def wait_for_images(self) -> None:
        """Wait until the node is active and has images.

        :raises RuntimeError: it ended, or has none within a minute
        """
        deadline = time.monotonic() + 60.0
        while self._received == 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError('the node does not get images; see what it printed')
            self._executor.spin_once(timeout_sec=0.1)

    def measure(self, topics: Collection[str], seconds: float, settle: float = 2.0) -> Measurement:
        """Subscribe to some outputs, let the node settle, and measure.

        :param topics: relative to the node
        """
        outputs = [BY_KEY[topic] for topic in topics]
        self._subscribe(outputs)
        self._spin(settle)
        self._arrived.clear()
        self._stages.clear()
        cpu, start = self._cpu(), time.monotonic()
        self._spin(seconds)
        measurement = Measurement(time.monotonic() - start)
        measurement.cpu = (self._cpu() - cpu) / measurement.seconds
        stamped = sum(output.key != 'markers' for output in outputs)
        measurement.arrivals = [
            1e-9 * (last - stamp) for stamp, (count, last) in self._arrived.items() if count == stamped
        ]
        measurement.stages = dict(self._stages)
        measurement.memory = self._memory()
        return measurement

    def _subscribe(self, outputs: Collection[Output[Any]]) -> None:
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = [
            self._node.create_subscription(
                output.message_class,
                output.below(NODE),
                self._ignore if output.key == 'markers' else self._take,
                OUTPUT,
                raw=True,
            )
            for output in outputs
        ]

    def _ignore(self, data: bytes, info: MessageInfo) -> None:
        """Take an array of markers, which has no header of its own."""

    def _take(self, data: bytes, info: MessageInfo) -> None:
        # Every other output begins with a header: after four bytes of encapsulation, the stamp.
        stamp = 1_000_000_000 * int.from_bytes(data[4:8], 'little') + int.from_bytes(data[8:12], 'little')
        count, last = self._arrived.get(stamp, (0, 0))
        self._arrived[stamp] = count + 1, max(last, info['received_timestamp'])

    def _read_diagnostics(self, array: DiagnosticArray) -> None:
        for status in array.status:
            if status.name == NODE:
                self._read_status(status)

    def _read_status(self, status: DiagnosticStatus) -> None:
        for value in status.values:
            if value.key == 'frames received':
                self._received = int(value.value)
            elif value.key.endswith(' [ms]') and not value.key.startswith('latency'):
                self._stages[value.key.removesuffix(' [ms]')] = float(value.value)

    def _spin(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)

    def _cpu(self) -> float:
        """Return the processor time of the node in seconds."""
        fields = Path(f'/proc/{self._process.pid}/stat').read_text().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def _memory(self) -> int:
        pages = int(Path(f'/proc/{self._process.pid}/statm').read_text().split()[1])
        return pages * os.sysconf('SC_PAGE_SIZE')
