"""A camera in a process of its own, which can be told to change its size, to pause, and to send what is no image."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

import rclpy
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from mt3dnet_ros.ros.messages.camera_info import info_from_camera
from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.qos import OUTPUT
from speed.child import SPAWN, end_child, start_child
from speed.pictures import camera_of, read_pictures

_DIFFERENT_PICTURES = 16
_REMEMBERED = 8192  # stamps
_SPOILERS: Sequence[Callable[[Image], Mapping[str, Any]]] = (
    lambda good: {'data': good.data[: len(good.data) // 2]},
    lambda _: {'encoding': 'yuv_of_tomorrow'},
    lambda _: {'height': 0, 'width': 0, 'step': 0},
    lambda _: {'step': 1},
    lambda _: {'height': 2**32 - 1, 'width': 2**32 - 1},
    lambda _: {'encoding': ''},
)
SPOILED_KINDS = len(_SPOILERS)


class CameraProcess:
    """The camera as its user sees it.

    :param source: video or folder that is shown again and again
    :param size: width and height in pixels
    :param rate: images per second
    """

    def __init__(self, source: str, size: tuple[int, int], rate: float) -> None:
        receiver, self._orders = SPAWN.Pipe(duplex=False)
        self._stamps: Any = SPAWN.Array('q', _REMEMBERED)
        self._process = start_child(_run_camera, source, size, rate, receiver, self._stamps)

    def stamps(self, start: int, end: int) -> set[int]:
        """Return the stamps of the images that it sent in a time; not of those that :meth:`spoil` sends between them.

        A stamp is here before its image is on its way.

        :param start: by the system's clock, nanoseconds; ``end`` as well
        """
        with self._stamps.get_lock():
            return {stamp for stamp in self._stamps.get_obj() if start <= stamp < end}

    def resize(self, size: tuple[int, int]) -> None:
        """Send images of another width and height in pixels from now on."""
        self._orders.send(('resize', size))

    def set_rate(self, rate: float) -> None:
        """Send so many images per second from now on."""
        self._orders.send(('set_rate', rate))

    def pause(self, seconds: float) -> None:
        """Send nothing for a while."""
        self._orders.send(('pause', seconds))

    def spoil(self, seconds: float) -> None:
        """Send messages that cannot be used for a while, one after each image."""
        self._orders.send(('spoil', seconds))

    def end(self) -> None:
        """End its process."""
        end_child(self._process)


def _run_camera(source: str, size: tuple[int, int], rate: float, orders: Connection, stamps: Any) -> None:
    rclpy.init(args=[], signal_handler_options=rclpy.SignalHandlerOptions.NO)
    camera = _Camera(source, size, rate)
    for index in count():
        while orders.poll():
            order, value = orders.recv()
            getattr(camera, order)(value)
        stamps[index % _REMEMBERED] = camera.wait_and_stamp()
        camera.send()


class _Camera:
    def __init__(self, source: str, size: tuple[int, int], rate: float) -> None:
        self._source = source
        self._node = rclpy.create_node('camera')
        self._images = self._node.create_publisher(Image, 'image', OUTPUT)
        self._infos = self._node.create_publisher(CameraInfo, 'camera_info', OUTPUT)
        self._spoiled_until, self._index = 0.0, 0
        self.resize(size)
        self.set_rate(rate)

    def resize(self, size: tuple[int, int]) -> None:
        header = Header(frame_id='scope')
        pictures = read_pictures(self._source, size, _DIFFERENT_PICTURES)
        self._info = info_from_camera(camera_of(size), header)
        self._messages = [fill_image(picture, 'rgb8', header) for picture in pictures]

    def set_rate(self, rate: float) -> None:
        self._period, self._due = 1.0 / rate, time.perf_counter()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
        self._due = time.perf_counter()

    def spoil(self, seconds: float) -> None:
        self._spoiled_until = time.perf_counter() + seconds

    def wait_and_stamp(self) -> int:
        """Wait for the next image's time, and return the stamp that :meth:`send` gives it."""
        time.sleep(max(0.0, self._due - time.perf_counter()))
        self._due += self._period
        self._info.header.stamp = self._node.get_clock().now().to_msg()
        return stamp_to_ns(self._info.header.stamp)

    def send(self) -> None:
        message = self._messages[self._index % len(self._messages)]
        message.header.stamp = self._info.header.stamp
        self._infos.publish(self._info)
        self._images.publish(message)
        self._index += 1
        if time.perf_counter() < self._spoiled_until:
            self._images.publish(spoiled(message, self._index))


def spoiled(good: Image, kind: int) -> Image:
    """Return an image that cannot be used, in the way of a number below ``SPOILED_KINDS``, or any number."""
    bad = Image(header=good.header, height=good.height, width=good.width, encoding=good.encoding, step=good.step)
    for name, value in {'data': good.data, **_SPOILERS[kind % SPOILED_KINDS](good)}.items():
        setattr(bad, name, value)
    return bad
