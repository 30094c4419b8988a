"""The transform between the eyes of a stereo endoscope: from a file, or from the CameraInfo of both."""

from __future__ import annotations

from functools import partial
from typing import Any

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo

from mt3dnet_ros.media.calibration.camera_calibration import CameraCalibrationError
from mt3dnet_ros.media.calibration.stereo import StereoTransform, read_stereo_transform, stereo_transform
from mt3dnet_ros.ros.qos import LATCHED
from mt3dnet_ros.ros.topics.rig import LEFT_CAMERA_INFO, RIGHT_CAMERA_INFO


class PairCalibration:
    """Reads the file, or waits for two CameraInfo that were calibrated together.

    :param calibrations: one file of both eyes, or two; none subscribes to the CameraInfo of both
    :raises CameraCalibrationError: a file cannot be used
    """

    def __init__(self, node: Node, *calibrations: str) -> None:
        self._node = node
        self._subscriptions: list[Subscription[Any]] = []
        self._infos: dict[str, CameraInfo] = {}
        self.problem = ''
        self.transform: StereoTransform | None = read_stereo_transform(*calibrations) if calibrations else None
        if not calibrations:
            self._topics = {topic.name: node.resolve_topic_name(topic.name) for topic in _CAMERA_INFOS}
            self._subscribe()
            self._note_missing()

    def _subscribe(self) -> None:
        quiet = SubscriptionEventCallbacks(incompatible_qos=lambda _: None)  # each is asked for latched and not latched
        for topic in _CAMERA_INFOS:
            for profile in filter(None, (topic.qos, LATCHED)):
                take = partial(self._take, topic.name)
                self._subscriptions.append(
                    self._node.create_subscription(CameraInfo, topic.name, take, profile, event_callbacks=quiet)
                )

    def _take(self, name: str, info: CameraInfo) -> None:
        self._infos[name] = info
        self._note_missing()
        if not self.problem and self.transform is None:
            self._pair(*(self._infos[topic.name] for topic in _CAMERA_INFOS))

    def _note_missing(self) -> None:
        missing = [f"'{topic}'" for name, topic in self._topics.items() if name not in self._infos]
        self.problem = f'no CameraInfo has come on {" and ".join(missing)}' if missing else ''

    def _pair(self, left: CameraInfo, right: CameraInfo) -> None:
        try:
            left_r, right_r, right_p = (list(map(float, matrix)) for matrix in (left.r, right.r, right.p))
            self.transform = stereo_transform(left_r, right_r, right_p)
            self.close()
        except CameraCalibrationError as error:
            self.problem = (
                f"CameraInfo on '{self._topics[RIGHT_CAMERA_INFO.name]}': {error}, or name a file of the pair"
            )

    def close(self) -> None:
        """Unsubscribe."""
        while self._subscriptions:
            self._node.destroy_subscription(self._subscriptions.pop())


_CAMERA_INFOS = (LEFT_CAMERA_INFO, RIGHT_CAMERA_INFO)
