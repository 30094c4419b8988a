"""Transforms between frames at a time, by tf2 where that is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
from rclpy.node import Node
from rclpy.time import Time

from mt3dnet_ros.errors import MT3DNetError
from mt3dnet_ros.ros.messages.headers import SECOND, stamp_to_ns
from mt3dnet_ros.ros.messages.transforms import rotation_of

_OLDEST = 0.1  # seconds; the newest transform is taken in place of that of a time for which there is none yet


class TransformError(MT3DNetError, LookupError):
    """There is no transform between two frames, or none of the time."""


class TransformTree:
    """Listens to ``/tf`` and ``/tf_static``.

    :raises TransformError: tf2_ros is not installed
    """

    def __init__(self, node: Node) -> None:
        try:
            import tf2_ros
        except ImportError as error:
            raise TransformError('tf2_ros, which comes with a ROS installation, is not installed') from error
        self._buffer: Any = tf2_ros.Buffer()
        self._failures: Any = tf2_ros.TransformException
        self._listener: Any = tf2_ros.TransformListener(self._buffer, node)

    def lookup(self, target: str, source: str, stamp: int) -> tuple[np.ndarray, np.ndarray]:
        """Return rotation (3, 3) and translation (3,), metres, that take points of the source to the target frame.

        :param stamp: nanoseconds; 0 takes the newest transform
        :raises TransformError: there is none of that time
        """
        try:
            found = self._lookup(target, source, stamp)
        except self._failures as error:
            raise TransformError(f"tf2 cannot bring '{source}' to '{target}': {error}") from error
        moved = found.transform.translation
        return rotation_of(found.transform.rotation), np.array([moved.x, moved.y, moved.z])

    def _lookup(self, target: str, source: str, stamp: int) -> Any:
        try:
            return self._buffer.lookup_transform(target, source, Time(nanoseconds=stamp))
        except self._failures:
            newest = self._buffer.lookup_transform(target, source, Time())
            of = stamp_to_ns(newest.header.stamp)  # 0 of one that does not change
            if of and abs(of - stamp) > _OLDEST * SECOND:
                raise
            return newest

    def close(self) -> None:
        """Unsubscribe."""
        self._listener.unregister()
