"""The node ``video_source``: a video, a folder of images or a camera as Image and CameraInfo."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import cv2
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.time import Time
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.media.frame_source import FrameLosses
from mt3dnet_ros.media.open_source import open_source
from mt3dnet_ros.media.playback import Schedule, play
from mt3dnet_ros.media.read_ahead import ReadAhead
from mt3dnet_ros.ros.messages.bulk import BulkMessage
from mt3dnet_ros.ros.messages.camera_info import CameraInfoError
from mt3dnet_ros.ros.messages.images import bulk_image
from mt3dnet_ros.ros.monitoring.clock_log import log_stopped_clock
from mt3dnet_ros.ros.parameters.table import declare_parameters, read_parameters
from mt3dnet_ros.ros.parameters.video import VideoSourceParameters
from mt3dnet_ros.ros.run import run_node
from mt3dnet_ros.ros.sender import Sender
from mt3dnet_ros.ros.source_camera import CamerasOfSizes
from mt3dnet_ros.ros.topics.video import CAMERA_INFO, IMAGE

_CAMERA_POLLING = 200.0  # Hz: a camera's picture waits at most 5 ms
_LOOK_AGAIN = 0.005  # s, where no subscriber is there yet, or the next picture is not decoded
_SETTLING = 0.3  # s for a subscriber of the image to subscribe to the camera's description as well
_CLOCK_STEP = 1_000_000_000  # ns between a stamp and the node's clock that say that the clock was set


class TimedMessage(NamedTuple):
    """An image to publish, and nanoseconds since the first one."""

    image: BulkMessage[Image]
    stamp: int


class VideoSource(Node):
    """Publishes pictures by their time stamps; what comes too late is counted and published later, not skipped."""

    def __init__(self) -> None:
        super().__init__('video_source')
        self._opened = ExitStack()  # what ends with the node
        declare_parameters(self, VideoSourceParameters)
        log_stopped_clock(self)
        self._settings = read_parameters(self, VideoSourceParameters)
        self._source = open_source(self._settings.source, self._settings.allowed_protocols)
        self._cameras = CamerasOfSizes(self._settings.calibration, self._settings.horizontal_fov)
        self._cameras.of(*self._source.size)  # says now what is wrong with it
        self._images, self._infos = IMAGE.publisher(self), CAMERA_INFO.publisher(self)
        self._sender = Sender()
        self._start = StartSignal(self._settings.wait_for_subscribers)
        self._published = self._refused = 0
        self._losses = FrameLosses()
        live = self._source.is_live
        self._rate = self._settings.rate or (_CAMERA_POLLING if live else self._source.rate)
        self._schedule = Schedule(1.0 / self._rate)
        self._stamps = Stamps(self.get_clock(), follow=live or self.get_parameter('use_sim_time').value)
        self._waiting: TimedMessage | None = None
        self._pictures = ReadAhead(self._messages(), newest_only=live)
        self._opened.callback(self._pictures.close)
        # A steady clock, so that the pace holds under simulated time as well; the stamps are the node's.
        clock = Clock(clock_type=ClockType.STEADY_TIME)
        period, advance = (1.0 / self._rate, self._publish_newest) if live else (_LOOK_AGAIN, self._publish_due)
        self._timer = self.create_timer(period, advance, clock=clock)
        self._announce()

    def _announce(self) -> None:
        count = f'{self._source.count} images' if self._source.count else 'images'
        pace = 'as they come' if self._source.is_live else f'at {self._rate:g} Hz'
        wait = f' once {self._start.wanted} subscribe' if self._start.wanted else ''
        self.get_logger().info(f"'{self._settings.source}': {count} {pace} on '{self._images.topic_name}'{wait}")

    def _messages(self) -> Iterator[TimedMessage]:
        encoding, rate = self._settings.encoding, 0.0 if self._source.is_live else self._settings.rate
        for picture in play(self._source, rate, self._settings.loop, self._losses.add):
            if losses := self._source.losses:
                self.get_logger().warning(f'the source is damaged: {losses} so far', throttle_duration_sec=5.0)
            pixels = cv2.cvtColor(picture.image, cv2.COLOR_RGB2BGR) if encoding == 'bgr8' else picture.image
            yield TimedMessage(bulk_image(pixels, encoding, Header(frame_id=self._settings.frame_id)), picture.stamp)

    def _publish_newest(self) -> None:
        """Publish what a camera has seen since the last call."""
        if self._start.given(self._images.get_subscription_count()) and (message := self._next()):
            self._publish(message)

    def _publish_due(self) -> None:
        """Publish the picture that is due, and come again when the next one is."""
        if not self._start.given(self._images.get_subscription_count()):
            return
        self._waiting = self._waiting or self._next()
        if self._waiting and self._until_due(self._waiting) <= 0.0:
            self._count_late(self._waiting)
            self._publish(self._waiting)
            self._waiting = self._next()
        wait = self._until_due(self._waiting) if self._waiting else _LOOK_AGAIN
        self._timer.timer_period_ns = max(1, round(1e9 * wait))
        self._timer.reset()

    def _next(self) -> TimedMessage | None:
        message = self._pictures.take()
        if message is None and self._pictures.ended:
            self._end()
        return message

    def _until_due(self, message: TimedMessage) -> float:
        now = time.monotonic()
        return self._schedule.due(message.stamp, now) - now

    def _count_late(self, message: TimedMessage) -> None:
        if self._schedule.show(message.stamp, time.monotonic()):
            self._stamps.restart()
            self.get_logger().warning(
                f'cannot keep up with {self._rate:g} Hz: {self._schedule.late} images late so far',
                throttle_duration_sec=5.0,
            )

    def _publish(self, message: TimedMessage) -> None:
        image = message.image.head
        image.header.stamp = self._stamps.of(message).to_msg()
        try:
            info = self._cameras.of(image.width, image.height)
            info.header = image.header
            self._infos.publish(info)
            self._sender.publish(self._images, message.image)
            self._published += 1
        except (CameraInfoError, rclpy_implementation.RCLError) as error:  # no camera of this size; a full queue
            self._refused += 1
            self.get_logger().warning(f'image not published: {error}', throttle_duration_sec=5.0)

    def _end(self) -> None:
        self._images.wait_for_all_acked(Duration(seconds=2.0))
        self.get_logger().info(
            f"end of '{self._settings.source}': {self._published} images published, {self._schedule.late} late, "
            f'{self._refused} refused, {self._pictures.replaced} dropped'
        )
        if self._losses:
            self.get_logger().warning(f"'{self._settings.source}' is damaged: {self._losses}")
        raise SystemExit(0)

    def destroy_node(self) -> None:
        """Stop decoding."""
        self._opened.close()
        super().destroy_node()


class Stamps:
    """Stamps as far apart as the pictures of the source, beginning with the clock's time of the first.

    :param follow: take the clock's time for each picture instead: of a camera, or of simulated time
    """

    def __init__(self, clock: Clock, follow: bool) -> None:
        self._clock = clock
        self._follow = follow
        self._origin: Time | None = None

    def restart(self) -> None:
        """Take the clock's time of the next picture, as where it is late."""
        self._origin = None

    def of(self, message: TimedMessage) -> Time:
        """Return the stamp of a message that is published now."""
        now, since_first = self._clock.now(), Duration(nanoseconds=message.stamp)
        stamp = now if self._origin is None or self._follow else self._origin + since_first
        if abs((now - stamp).nanoseconds) > _CLOCK_STEP:
            stamp = now
        self._origin = stamp - since_first
        return stamp


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
    except MT3DNetError as error:
        get_logger('video_source').fatal(str(error))
        sys.exit(1)
