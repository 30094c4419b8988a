"""Targets out of what perception says: a gaze with the confidence of its scanpath, or a fixation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from geometry_msgs.msg import Point, PointStamped
from std_msgs.msg import Header

from mt3dnet_ros.msg import Scanpath
from mt3dnet_ros.ros.messages.headers import clean_frame_id, stamp_to_ns


class Target(NamedTuple):
    """Where to look.

    :param point: (3,) metres, in ``frame_id``, the camera's optical frame; NaN where unknown
    :param stamp: of the image, nanoseconds
    :param confidence: 0 to 1
    """

    point: np.ndarray
    stamp: int
    frame_id: str
    confidence: float


class TargetReader:
    """Makes targets of gazes and scanpaths as they come.

    :param source: ``gaze`` or ``scanpath``
    :param needs_confidence: a gaze waits for the scanpath of the same image
    """

    def __init__(self, source: str, needs_confidence: bool) -> None:
        self._of_gaze = source == 'gaze'
        self._needs_confidence = needs_confidence
        self._gaze: PointStamped | None = None  # that waits for its scanpath
        self._confidence = (0, 0.0)  # stamp and weight of the last scanpath

    def take_gaze(self, message: PointStamped) -> Target | None:
        """Return the target of a gaze; None where there is none, or none yet.

        :raises StampError: the stamp is no time
        """
        if not self._of_gaze:
            return None
        if not self._needs_confidence:
            return _target(message.point, message.header, 1.0)
        self._gaze = message
        return self._pair()

    def take_scanpath(self, message: Scanpath) -> Target | None:
        """Return the target of a scanpath, or of the gaze that has waited for it; None where there is none.

        :raises StampError: the stamp is no time
        """
        first = min(message.fixations, key=lambda fixation: fixation.order, default=None)
        if first is None:
            return None
        if not self._of_gaze:
            return _target(first.position, message.header, first.weight)
        self._confidence = stamp_to_ns(message.header.stamp), first.weight
        return self._pair()

    def _pair(self) -> Target | None:
        stamp, confidence = self._confidence
        if self._gaze is None or stamp_to_ns(self._gaze.header.stamp) != stamp:
            return None
        gaze, self._gaze = self._gaze, None
        return _target(gaze.point, gaze.header, confidence)


def _target(point: Point, header: Header, confidence: float) -> Target:
    position = np.array([point.x, point.y, point.z])
    return Target(position, stamp_to_ns(header.stamp), clean_frame_id(header.frame_id), confidence)
