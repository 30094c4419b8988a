"""Fields of messages as arrays, whether rclpy or a reader of recordings made the message."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.codecs.picture_decoder import decode_picture

_PLAIN = {
    'rgb8': (np.uint8, 3),
    'bgr8': (np.uint8, 3),
    'mono8': (np.uint8, 1),
    '8UC1': (np.uint8, 1),
    '16UC1': (np.uint16, 1),
    '32FC1': (np.float32, 1),
}
_SECOND = 1_000_000_000
_MOST_PIXELS = 64_000_000  # of a compressed image
_FIELD_TYPES = {1: 'i1', 2: 'u1', 3: 'i2', 4: 'u2', 5: 'i4', 6: 'u4', 7: 'f4', 8: 'f8'}


def stamp_of(message: Any) -> int:
    """Return the stamp of a message in nanoseconds; 0 where the source gave none."""
    stamp = message.header.stamp
    return int(stamp.sec) * _SECOND + int(stamp.nanosec)


def read_plain_image(message: Any) -> np.ndarray:
    """Return the pixels of an image as this package publishes them.

    :return: (H, W) or (H, W, 3), a view on the message
    :raises InputError: the message contradicts itself or has another encoding
    """
    if message.encoding not in _PLAIN:
        raise InputError(f"image encoding '{message.encoding}' is none of {', '.join(_PLAIN)}")
    kind, channels = _PLAIN[message.encoding]
    dtype = np.dtype(kind).newbyteorder('>' if message.is_bigendian else '<')
    length = message.width * channels * dtype.itemsize
    if message.step < length or len(message.data) != message.step * message.height or not length:
        raise InputError(f"image '{message.encoding}' of {message.width} x {message.height} pixels has another size")
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)[:, :length]
    pixels = rows.view(dtype).reshape(message.height, message.width, channels)
    if message.encoding == 'bgr8':
        return pixels[..., ::-1]
    return pixels if channels > 1 else pixels[..., 0]


def read_picture(message: Any) -> np.ndarray:
    """Return the picture of an Image of a plain encoding, or of a CompressedImage.

    :return: (H, W, 3) uint8, red first
    :raises InputError: the message contradicts itself, is damaged or has another encoding
    """
    if not hasattr(message, 'encoding'):
        bgr = decode_picture(bytes(message.data), cv2.IMREAD_COLOR, _MOST_PIXELS)
        if bgr is None:
            raise InputError(f"compressed image of format '{message.format}' cannot be decoded")
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    pixels = read_plain_image(message)
    if pixels.dtype != np.uint8:
        raise InputError(f"image encoding '{message.encoding}' is no picture")
    return pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)


def read_points(message: Any, most: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the known points of a PointCloud2, evenly thinned.

    :param most: points to return
    :return: (N, 3) float32 metres, and (N, 3) uint8 colours where the cloud has a field ``rgb``
    :raises InputError: the cloud has no fields x, y and z, or contradicts itself
    """
    points = np.frombuffer(message.data, _point_type(message))
    if len(points) != message.width * message.height:
        raise InputError(f'cloud of {message.width} x {message.height} points has data of {len(points)}')
    points = points[np.isfinite(points['z'])]
    points = points[_even_choice(len(points), most)]
    xyz = np.stack([points[axis] for axis in 'xyz'], -1).astype(np.float32)
    if 'rgb' not in (points.dtype.names or ()):
        return xyz, None
    packed = np.ascontiguousarray(points['rgb']).view(np.uint32)
    return xyz, np.stack([packed >> shift & 0xFF for shift in (16, 8, 0)], -1).astype(np.uint8)


def _even_choice(count: int, most: int) -> np.ndarray | slice:
    """Return which of a row of things to take, at random within equal parts: steps would draw stripes in a grid."""
    if count <= most:
        return slice(None)
    places = np.arange(most) + np.random.default_rng(0).random(most)
    return (places * count / most).astype(np.intp)


def _point_type(message: Any) -> np.dtype[Any]:
    fields = {field.name: field for field in message.fields if field.name in ('x', 'y', 'z', 'rgb')}
    if not {'x', 'y', 'z'} <= set(fields):
        raise InputError(f'cloud has the fields {", ".join(field.name for field in message.fields)}, not x, y and z')
    order = '>' if message.is_bigendian else '<'
    return np.dtype(
        {
            'names': list(fields),
            'formats': [order + _FIELD_TYPES[field.datatype] for field in fields.values()],
            'offsets': [field.offset for field in fields.values()],
            'itemsize': message.point_step,
        }
    )


def level_of(status: Any) -> int:
    """Return the level of a DiagnosticStatus: 0 OK, 1 WARN, 2 ERROR, 3 STALE."""
    return status.level[0] if isinstance(status.level, bytes) else int(status.level)


def xyz_of(point: Any) -> tuple[float, float, float]:
    """Return the coordinates of a Point or a Vector3."""
    return point.x, point.y, point.z
