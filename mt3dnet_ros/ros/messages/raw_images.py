"""Raw images to red, green and blue."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from mt3dnet_ros.ros.messages.encodings import (
    ASSUMED,
    PACKED,
    PLANAR,
    ImageError,
    PackedEncoding,
    PlanarEncoding,
    refuse,
)
from mt3dnet_ros.ros.messages.sample_bits import SampleBits

if TYPE_CHECKING:  # recordings are decoded without ROS too
    from sensor_msgs.msg import Image


def decode_raw(message: Image, bits: SampleBits) -> np.ndarray:
    """Return the picture of a raw image message.

    :param bits: of the samples of 16-bit encodings
    :return: (H, W, 3) uint8, red first; of ``rgb8`` a view on the message, else a new array
    :raises ImageError: the message contradicts itself or its encoding is not known
    """
    encoding = message.encoding.lower()
    encoding = ASSUMED.get(encoding, encoding)
    if not message.width or not message.height:
        raise ImageError(f'{_describe(message)} is empty; check the source')
    if encoding in PACKED:
        return _decode_packed(message, PACKED[encoding], bits)
    if encoding in PLANAR:
        return _decode_planar(message, PLANAR[encoding])
    return _decode_with_bridge(message)


def _decode_packed(message: Image, encoding: PackedEncoding, bits: SampleBits) -> np.ndarray:
    length = message.width * encoding.channels * encoding.size
    rows = _rows(message, length, message.height)
    if encoding.channels == 2 and message.width % 2:
        raise ImageError(
            f"image '{message.encoding}' is {message.width} pixels wide; pairs of pixels share their "
            'colour, so the width must be even'
        )
    shape = message.height, message.width, encoding.channels
    if encoding.size == 1:
        return encoding.convert(rows.reshape(shape))
    samples = np.ascontiguousarray(rows).view(np.uint16).reshape(shape)
    swapped = bool(message.is_bigendian) != (sys.byteorder == 'big')
    return encoding.convert(bits.scale(samples.byteswap() if swapped else samples))


def _decode_planar(message: Image, encoding: PlanarEncoding) -> np.ndarray:
    if encoding.even and (message.width % 2 or message.height % 2):
        raise ImageError(
            f'{_describe(message)} has an odd side; four pixels share their colour, so both sides must be even'
        )
    return encoding.convert(np.ascontiguousarray(_rows(message, message.width, int(message.height * encoding.rows))))


def _rows(message: Image, length: int, count: int) -> np.ndarray:
    """Return the rows of a message without their padding.

    :param length: bytes of a row that hold pixels
    :param count: of the rows
    :return: (count, length) uint8, a view
    """
    if message.step < length:
        raise ImageError(
            f'{_describe(message)} needs a step of at least {length} bytes, got {message.step}; '
            'correct step or encoding in the source'
        )
    if len(message.data) != message.step * count:
        raise ImageError(
            f'{_describe(message)} and step {message.step} needs {message.step * count} bytes of data, '
            f'got {len(message.data)}; correct the source'
        )
    return np.frombuffer(message.data, np.uint8).reshape(count, message.step)[:, :length]


def _describe(message: Image) -> str:
    return f"image '{message.encoding}' of {message.width} x {message.height} pixels"


def _decode_with_bridge(message: Image) -> np.ndarray:
    error = refuse(message.encoding)
    rgb = None if 'is not supported' not in str(error) else _bridge_to_rgb(message)
    if rgb is None:
        raise error
    return rgb


def _bridge_to_rgb(message: Image) -> np.ndarray | None:
    """Return (H, W, 3) uint8 by cv_bridge; None where it is not installed or cannot convert the encoding either."""
    try:
        from cv_bridge import CvBridge
    except (ImportError, AttributeError):  # the latter: built for NumPy 1, loaded under NumPy 2
        return None
    try:
        return CvBridge().imgmsg_to_cv2(message, 'rgb8')
    except Exception:  # CvBridgeError, and cv2.error or TypeError of what it is built upon
        return None
