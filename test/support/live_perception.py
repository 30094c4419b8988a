"""The node perception at work, in a process of its own: it has images, and somebody takes its labels."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

from sensor_msgs.msg import Image
from std_msgs.msg import Header
from support.ros_probe import Probe, stamp
from support.ros_processes import NodeProcess
from support.small_network import tissue

from mt3dnet_ros.ros.messages.headers import stamp_to_ns
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.qos import OUTPUT

TOPIC, LABELS = '/faults/image', '/perception/segmentation/labels'
PATIENCE = 60.0  # seconds within which it works again, on a machine with much else to do
RATE = 15.0  # images per second
_COUNTED = ('frames processed', 'frames nobody wanted', 'frames dropped', 'messages rejected')


class LivePerception:
    """Node, camera and subscriber.

    :param folder: for logs
    """

    def __init__(self, checkpoint: Path, folder: Path) -> None:
        self._parameters = {'checkpoint': str(checkpoint), 'device': 'cpu', 'threads': 1}
        self._folder, self._lives = folder, 0
        self.probe = Probe('/perception')
        self.size = (128, 96)  # width and height of images
        self.feeding = True
        self.sent, self._number = 0, 0
        self.labels: deque[tuple[int, tuple[int, int]]] = deque(maxlen=1000)  # stamp and size
        self.publisher = self.probe.node.create_publisher(Image, TOPIC, OUTPUT)
        self.probe.node.create_subscription(Image, LABELS, self._take, OUTPUT)
        self.probe.node.create_timer(1.0 / RATE, self._feed)
        self.process = self.start()

    def start(self, **environment: str) -> NodeProcess:
        """Start a node, and return when it is active."""
        self._lives += 1
        log = self._folder / f'perception{self._lives}.log'
        process = NodeProcess('perception', self._parameters, {'image': TOPIC}, log=log, environment=environment)
        process.wait_for_output('active on cpu', timeout=180.0)
        return process

    def recover(self) -> float:
        """Wait until there are labels of an image of now or later; return the seconds."""
        began, now = time.monotonic(), self.probe.node.get_clock().now().nanoseconds
        self.probe.spin_until(lambda: self.labels and self.labels[-1][0] > now, PATIENCE, self.process.output()[-2000:])
        return time.monotonic() - began

    def lose_nothing_uncounted(self) -> dict[str, str]:
        """Wait, without images, until each that was received is processed, dropped or rejected; return diagnostics."""
        self.feeding = False
        try:
            return self.probe.status_where(lambda _, values: int(values['frames received']) <= _accounted(values))
        finally:
            self.feeding = True

    def close(self) -> tuple[int, str]:
        """End all; return the exit status of the node and what it printed."""
        ended = self.process.stop()
        self.probe.close()
        return ended

    def _feed(self) -> None:
        if self.feeding:
            self.send()

    def send(self) -> None:
        """Send an image."""
        self._number += 1
        message = fill_image(tissue(self.size[1], self.size[0], self._number % 16), 'rgb8', Header())
        stamp(message, self.probe)
        self.publisher.publish(message)
        self.sent += 1

    def _take(self, message: Image) -> None:
        self.labels.append((stamp_to_ns(message.header.stamp), (message.width, message.height)))


def _accounted(values: dict[str, str]) -> int:
    return sum(int(values[name]) for name in _COUNTED)
