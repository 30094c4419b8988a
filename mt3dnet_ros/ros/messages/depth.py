"""Depth images in the two encodings of REP 118."""

from __future__ import annotations

import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from mt3dnet_ros.ros.messages.bulk import BulkMessage
from mt3dnet_ros.ros.messages.images import bulk_image

_MOST = np.float32(65535)  # millimetres that 16 bits hold


def bulk_depth(depth: np.ndarray, encoding: str, header: Header) -> BulkMessage[Image]:
    """Return a depth image as a message whose data are written when it is published.

    :param depth: (H, W) float32 metres, NaN where unknown
    :param encoding: ``32FC1`` (metres) or ``16UC1`` (millimetres)
    """
    return bulk_image(millimetres(depth) if encoding == '16UC1' else depth, encoding, header)


def millimetres(depth: np.ndarray) -> np.ndarray:
    """Return (H, W) uint16 millimetres of (H, W) float32 metres: 0 where unknown, 65535 for all that is farther."""
    scaled = depth * np.float32(1000.0)
    scaled += np.float32(0.5)  # the conversion cuts off
    np.fmax(scaled, np.float32(0.0), out=scaled)  # takes 0 for NaN
    np.fmin(scaled, _MOST, out=scaled)
    return scaled.astype(np.uint16)
