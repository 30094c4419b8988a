"""From a video socket to the topics of its eyes, in a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from threading import Event, Thread

from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.impl.rcutils_logger import RcutilsLogger

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.gstreamer.capture_time import capture_time
from mt3dnet_ros.gstreamer.eyes import EyeSocket
from mt3dnet_ros.gstreamer.reader import SocketPicture, SocketReader
from mt3dnet_ros.ros.health import HealthMonitor
from mt3dnet_ros.ros.native_video.eye_publisher import EyePublisher

_LOOK = 0.2  # s for a picture, before it is looked whether the stream ends
_CLOSING = 3.0  # s


class SocketStream:
    """Publishes what comes from a socket until it is closed.

    :param source: the socket and its eyes
    :param publishers: of these eyes
    :raises GStreamerError: the system's GStreamer cannot be used
    """

    def __init__(self, source: EyeSocket, publishers: Mapping[str, EyePublisher], logger: RcutilsLogger) -> None:
        self.source = source
        self.health = HealthMonitor()
        self.time_source: str | None = None  # of the newest picture; None before one
        self.size = ''
        self._publishers = publishers
        self._logger = logger
        self._closing = Event()
        self.reader = SocketReader(source.socket)
        self._thread = Thread(target=self._run, name=str(source.socket), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread and the program that reads the socket."""
        self._closing.set()
        self._thread.join(_CLOSING)

    def _run(self) -> None:
        connections = 0
        while not self._closing.is_set():
            picture = self.reader.take(_LOOK)
            if picture is not None:
                self._publish(picture)
            if self.reader.connections != connections:
                connections = self.reader.connections
                self._logger.info(f"'{self.source.socket}': pictures of {self.size}")
        self.reader.close()

    def _publish(self, picture: SocketPicture) -> None:
        arrival = time.time_ns()
        for _ in range(picture.dropped):
            self.health.received()
            self.health.dropped()
        self.health.received()
        self.health.working()
        self.size = f'{picture.image.shape[1]} x {picture.image.shape[0]}'
        try:
            oldest = min(self._publish_eyes(picture, arrival))
        except (MT3DNetError, rclpy_implementation.RCLError) as error:
            self.health.refused(str(error))
            self._logger.warning(f'image not published: {error}', throttle_duration_sec=5.0)
            return
        now = time.time_ns()
        latency = 1e-9 * (now - oldest) if self.time_source else None
        self.health.processed(latency, {'publish': 1e-9 * (now - arrival)})

    def _publish_eyes(self, picture: SocketPicture, arrival: int) -> list[int]:
        """Publish what each eye sees; return when that was taken, in nanoseconds."""
        stamps = []
        for eye, view in self.source.views(picture.image).items():
            stamp, self.time_source = capture_time(picture.stamps, eye, arrival)
            self._publishers[eye].publish(view, stamp)
            stamps.append(stamp)
        return stamps
