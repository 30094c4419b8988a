"""The node ``video_source``: a video, a folder of images or a camera as Image and CameraInfo."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import cv2
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.logging import get_logger
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mt3dnet_ros.media.frame_source import FrameSource, SourceError, open_source
from mt3dnet_ros.media.read_ahead import ReadAhead
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError
from mt3dnet_ros.ros.messages.images import fill_image
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.parameters.video import VideoSourceParameters
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.source_camera import describe_camera
from mt3dnet_ros.ros.topics.video import CAMERA_INFO, IMAGE

_CAMERA_POLLING = 200.0  # Hz: a camera's picture waits at most 5 ms
_SETTLING = 0.3  # s for a subscriber of the image to subscribe to the camera's description as well


class VideoSource(Node):
    """Publishes pictures at their rate; what comes too late is counted and published later, not skipped."""

    def __init__(self) -> None:
        super().__init__('video_source')
        self._opened = ExitStack()  # what ends with the node
        declare_parameters(self, VideoSourceParameters)
        self._settings = read_parameters(self, VideoSourceParameters)
        self._source = open_source(self._settings.source)
        width, height = self._source.size
        calibration, field_of_view = self._settings.calibration, self._settings.horizontal_fov
        self._info = describe_camera(calibration, field_of_view, width, height)
        self._images, self._infos = IMAGE.publisher(self), CAMERA_INFO.publisher(self)
        self._start = StartSignal(self._settings.wait_for_subscribers)
        self._published = self._late = self._refused = 0
        self._last = 0.0
        self._pictures = ReadAhead(self._messages(self._source), newest_only=self._source.is_live)
        self._opened.callback(self._pictures.close)
        self._rate = self._settings.rate or (_CAMERA_POLLING if self._source.is_live else self._source.rate)
        # A steady clock, so that the rate holds under simulated time as well; the stamps are the node's.
        self.create_timer(1.0 / self._rate, self._publish_next, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._announce()

    def _announce(self) -> None:
        count = f'{self._source.count} images' if self._source.count else 'images'
        pace = 'as they come' if self._source.is_live else f'at {self._rate:g} Hz'
        wait = f' once {self._start.wanted} subscribe' if self._start.wanted else ''
        self.get_logger().info(f"'{self._settings.source}': {count} {pace} on '{self._images.topic_name}'{wait}")

    def _messages(self, source: FrameSource) -> Iterator[Image]:
        encoding = self._settings.encoding
        while True:
            for picture in source:
                pixels = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB) if encoding == 'rgb8' else picture
                yield fill_image(pixels, encoding, Header(frame_id=self._settings.frame_id))
            if not self._settings.loop:
                return

    def _publish_next(self) -> None:
        if not self._start.given(self._images.get_subscription_count()):
            return
        image = self._pictures.take()
        if image is not None:
            self._publish(image)
        elif self._pictures.ended:
            self._end()

    def _publish(self, image: Image) -> None:
        image.header.stamp = self.get_clock().now().to_msg()
        self._info.header = image.header
        try:
            self._infos.publish(self._info)
            self._images.publish(image)
            self._published += 1
        except rclpy_implementation.RCLError as error:  # a reliable subscriber that does not keep up
            self._refused += 1
            self.get_logger().warning(f'image not published: {error}', throttle_duration_sec=5.0)
        self._count_late()

    def _count_late(self) -> None:
        now = time.monotonic()
        missed = round((now - self._last) * self._rate) - 1
        if self._last and missed > 0 and not self._source.is_live:
            self._late += missed
            self.get_logger().warning(
                f'cannot keep up with {self._rate:g} Hz: {self._late} images late so far', throttle_duration_sec=5.0
            )
        self._last = now

    def _end(self) -> None:
        self._images.wait_for_all_acked(Duration(seconds=2.0))
        self.get_logger().info(
            f"end of '{self._settings.source}': {self._published} images published, {self._late} late, "
            f'{self._refused} refused, {self._pictures.replaced} dropped'
        )
        raise SystemExit(0)

    def destroy_node(self) -> None:
        """Stop decoding."""
        self._opened.close()
        super().destroy_node()


class StartSignal:
    """Says when to start publishing: once enough nodes have subscribed, and from then on.

    :param wanted: how many must subscribe; 0 gives it at once
    """

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self._given = wanted == 0
        self._enough_since: float | None = None

    def given(self, subscribers: int) -> bool:
        """Return whether to start.

        :param subscribers: how many there are now
        """
        if not self._given:
            now = time.monotonic()
            self._enough_since = (self._enough_since or now) if subscribers >= self.wanted else None
            self._given = self._enough_since is not None and now - self._enough_since >= _SETTLING
        return self._given


def main(args: list[str] | None = None) -> None:
    """Run the node until the source ends or Ctrl-C; end with status 1 where source or calibration cannot be used."""
    try:
        run_node(VideoSource, args)
    except (SourceError, CameraInfoError) as error:
        get_logger('video_source').fatal(str(error))
        sys.exit(1)
