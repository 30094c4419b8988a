"""The overlay of one eye: what is perceived is drawn, shown for as long as it is fresh, and taken away in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from rclpy.lifecycle import LifecycleNode

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.gstreamer.shared_picture import SharedPicture
from mt3dnet_ros.perception.console.draw import DrawnView, draw_console
from mt3dnet_ros.perception.console.lifetime import Lifetime
from mt3dnet_ros.perception.console.view import EyeView, see
from mt3dnet_ros.ros.camera_info_subscription import CameraInfoSubscription
from mt3dnet_ros.ros.console.inputs import PerceivedImage, PerceptionInputs
from mt3dnet_ros.ros.console.output import EyeOutput
from mt3dnet_ros.ros.health import HealthMonitor
from mt3dnet_ros.ros.latest import LatestWorker
from mt3dnet_ros.ros.latest_camera import LatestCamera
from mt3dnet_ros.ros.messages.detections import read_detections, read_point
from mt3dnet_ros.ros.messages.headers import SECOND, StampError, clean_frame_id, make_header, stamp_to_ns
from mt3dnet_ros.ros.messages.scanpath import read_scanpath
from mt3dnet_ros.ros.parameters.console import ConsoleOverlayParameters
from mt3dnet_ros.ros.topics.console import CAMERA_INFOS
from mt3dnet_ros.viewer.messages import read_plain_image

_REPEAT = 0.5  # seconds from one empty picture to the next
_STOP_TIMEOUT = 1.0  # seconds that a picture in work may take


class EyeOverlay:
    """Takes what perception says of one eye and shows pictures of it, while it is on.

    Messages come in the node's thread, pictures are drawn in another one; whatever is shown is decided under one lock,
    so that no picture can follow the empty one that takes it away.

    :param side: ``left`` or ``right``
    :param perception: full name of the node ``perception`` of this eye
    :param on_error: called with the reason why a message cannot be used
    """

    def __init__(
        self,
        node: LifecycleNode,
        side: str,
        perception: str,
        parameters: ConsoleOverlayParameters,
        output: EyeOutput,
        on_error: Callable[[str], None],
    ) -> None:
        self.side, self.perception = side, perception
        self.health = HealthMonitor()
        self.drawn = DrawnView()  # the last one
        self.refusal = ''  # why the last image was not shown
        self._node, self._output, self._on_error = node, output, on_error
        self._settings, self._lifetime = parameters, Lifetime(parameters.stale_after)
        topic = CAMERA_INFOS[side]
        self.camera = LatestCamera(
            parameters.rectified, self.reject, node.resolve_topic_name(topic.name), name=topic.name
        )
        self.infos = CameraInfoSubscription(node, self.camera.update, topic)
        self.inputs = PerceptionInputs(node, perception, self._take, self.reject)
        self._lock = threading.Lock()
        self._is_on = False
        self._shown: tuple[int, float] | None = None  # stamp and arrival of what is shown; None: nothing is
        self._size: tuple[int, int] | None = None  # height and width of the last image
        self._frame_id = ''
        self._last_empty = float('-inf')
        self._last_shown = time.monotonic()
        self._worker = LatestWorker(self._draw, self._take_error, self.health.dropped)

    @property
    def is_wanted(self) -> bool:
        """Whether somebody gets the pictures."""
        return self._output.is_wanted

    @property
    def emptiness(self) -> float:
        """Seconds since a picture was shown, or the overlay turned on."""
        return time.monotonic() - self._last_shown

    def turn(self, on: bool) -> None:
        """Turn the overlay on or off; it is off at first."""
        with self._lock:
            self._is_on = on
            self._last_shown = time.monotonic()
            self._rest()
        if on:
            self.health.restart_silence()
            self.inputs.subscribe()
        else:
            self.inputs.unsubscribe()
            self.refusal, self.drawn = '', DrawnView()

    def apply(self, parameters: ConsoleOverlayParameters) -> None:
        """Take parameters that may change at any time."""
        self._settings = parameters

    def look(self) -> None:
        """Take away what is not fresh any more, and repeat what is empty; to be called every few milliseconds."""
        with self._lock:
            if self._shown:
                stamp, arrival = self._shown
                if self._lifetime.left(self._age(stamp), time.monotonic() - arrival) <= 0.0:
                    self._rest()
            elif time.monotonic() - self._last_empty >= _REPEAT:
                self._rest()

    def reject(self, reason: str) -> None:
        """Count a message that cannot be used."""
        self.health.rejected(reason)
        self._on_error(f'{self.side} eye: {reason}')

    def close(self) -> bool:
        """Show nothing, unsubscribe and end the work; False where it does not end."""
        self.turn(False)
        self.inputs.close()
        self.infos.close()
        return self._worker.stop(_STOP_TIMEOUT)

    def _age(self, stamp: int) -> float:
        return (self._node.get_clock().now().nanoseconds - stamp) / SECOND

    def _take(self, image: PerceivedImage) -> None:
        self.refusal = self._lifetime.refusal(image.stamp, self._age(image.stamp))
        if self.refusal:
            self.health.refused(self.refusal)
        elif self._output.is_wanted:
            self.health.received()
            self._worker.put(image)

    def _draw(self, image: PerceivedImage) -> None:
        self.health.working()
        began = time.perf_counter()
        view = self._view(image)
        picture = SharedPicture(view.size)
        drawn = draw_console(view, picture.pixels, self._settings.show, self._settings.most_covered)
        stages = {'drawing': time.perf_counter() - began}
        header = make_header(image.stamp, clean_frame_id(image.labels.header.frame_id))
        with self._lock:
            self._size, self._frame_id = view.size, header.frame_id
            age = self._age(image.stamp)
            left = self._lifetime.left(age, time.monotonic() - image.arrival)
            if not self._is_on or left <= 0.0:
                self._rest()
                return
            self._output.show(picture, header, age, left)
            self._shown = image.stamp, image.arrival
            self._last_shown = time.monotonic()
        self.drawn = drawn
        self.health.processed(self._age(image.stamp), stages)

    def _view(self, image: PerceivedImage) -> EyeView:
        labels = read_plain_image(image.labels)
        if labels.dtype != np.uint8 or labels.ndim != 2:
            raise InputError(f"labels of encoding '{image.labels.encoding}' are no mono8; name a node perception")
        height, width = labels.shape
        gaze = read_point(image.gaze.point) if self._is_fresh(image.gaze) else None
        scanpath = read_scanpath(image.scanpath) if image.scanpath else ()
        camera = self.camera.fit(width, height)
        detections = read_detections(image.detections)
        return see((height, width), labels, detections, camera, self.inputs.palette, gaze, scanpath)

    def _is_fresh(self, message: object) -> bool:
        """Return whether a message that need not be of the same image may be shown."""
        if message is None:
            return False
        try:
            return self._lifetime.left(self._age(stamp_to_ns(message.header.stamp))) > 0.0  # type: ignore[attr-defined]
        except StampError:
            return False

    def _take_error(self, error: Exception) -> None:
        """Count an image that could not be drawn; what is shown goes when its time is over."""
        foreseen = isinstance(error, InputError)
        reason = str(error) if foreseen else f'{type(error).__name__}: {error}'
        self.health.refused(reason)
        self.refusal = reason
        self._on_error(f'{self.side} eye: {reason}')

    def _rest(self) -> None:
        """Show nothing."""
        self._shown = None
        self._last_empty = time.monotonic()
        info = self.camera.info
        size = self._size or ((info.height, info.width) if info and info.height and info.width else None)
        if size:
            self._output.empty(size, make_header(self._node.get_clock().now().nanoseconds, self._frame_id))
