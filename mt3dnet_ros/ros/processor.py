"""From an image message to everything that is published of it."""

from __future__ import annotations

import time
from collections.abc import Collection

import torch
from rclpy.clock import Clock
from sensor_msgs.msg import CompressedImage, Image

from mt3dnet_ros.perception.frame import Frame
from mt3dnet_ros.perception.perceiver import Perceiver
from mt3dnet_ros.ros.calibration import Calibration
from mt3dnet_ros.ros.headers import clean_frame_id, make_header, stamp_to_ns
from mt3dnet_ros.ros.health import HealthMonitor
from mt3dnet_ros.ros.images import decode_compressed, decode_image
from mt3dnet_ros.ros.outputs import Publishers, View


class FrameProcessor:
    """Decodes an image, perceives what is wanted of it, and publishes that.

    :param clock: the node's, to compare with the images' stamps
    :param frame_id: of all outputs; empty for the image's own
    :param enabled: outputs that may be published; replaceable at any time
    """

    def __init__(
        self, perceiver: Perceiver, publishers: Publishers, calibration: Calibration, health: HealthMonitor,
        clock: Clock, frame_id: str, enabled: Collection[str],
    ) -> None:
        self.perceiver = perceiver
        self.publishers = publishers
        self.calibration = calibration
        self.enabled = enabled
        self._health = health
        self._clock = clock
        self._frame_id = frame_id

    def __call__(self, message: Image | CompressedImage) -> None:
        """Work on one message.

        :raises ImageError, StampError, PerceptionError: the message cannot be used
        """
        start = time.perf_counter()
        frame = self._read(message)
        height, width = frame.size
        camera = self.calibration.camera(width, height)
        outputs = self.publishers.wanted(self.enabled)
        if not outputs:
            return
        decoded = time.perf_counter()
        scene = self.perceiver(frame, camera, {output.needs for output in outputs})
        perceived = time.perf_counter()
        header = make_header(frame.stamp, frame.frame_id)
        self.publishers.publish(outputs, View(scene, header, camera, self.perceiver.taxonomy))
        done = time.perf_counter()
        stages = {'decode': decoded - start, **scene.timings, 'publish': done - perceived, 'total': done - start}
        self._health.processed(self._latency(frame.stamp), stages)

    def describe(self) -> dict[str, str]:
        """Return what diagnostics show besides the health."""
        device = self.perceiver.device
        subscribed = [output.topic for output in self.publishers.wanted(self.enabled)]
        return {
            'device': f'{device} ({torch.cuda.get_device_name(device)})' if device.type == 'cuda' else str(device),
            'calibration': self.calibration.problem or 'usable',
            'outputs subscribed': ', '.join(subscribed) or 'none, so that frames are not processed',
        }

    def _read(self, message: Image | CompressedImage) -> Frame:
        stamp = stamp_to_ns(message.header.stamp)
        rgb = decode_compressed(message) if isinstance(message, CompressedImage) else decode_image(message)
        return Frame(rgb, stamp, clean_frame_id(message.header.frame_id, self._frame_id))

    def _latency(self, stamp: int) -> float | None:
        return 1e-9 * (self._clock.now().nanoseconds - stamp) if stamp else None
