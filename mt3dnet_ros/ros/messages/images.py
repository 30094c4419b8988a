"""Images to arrays and back, without a copy too many."""

from __future__ import annotations

import sys
from collections.abc import Callable

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from mt3dnet_ros.errors import MT3DNetError

Convert = Callable[[np.ndarray], np.ndarray]


class ImageError(MT3DNetError, ValueError):
    """An image message that cannot be read."""


def _color(code: int) -> Convert:
    return lambda pixels: cv2.cvtColor(pixels, code)


# Bytes per channel, channels, and what makes rgb of (H, W, channels) uint8. OpenCV names Bayer
# patterns by their second row and second column: its BG is RGGB.
_FORMATS: dict[str, tuple[int, int, Convert]] = {
    'rgb8': (1, 3, lambda pixels: pixels),
    'bgr8': (1, 3, _color(cv2.COLOR_BGR2RGB)),
    'rgba8': (1, 4, _color(cv2.COLOR_RGBA2RGB)),
    'bgra8': (1, 4, _color(cv2.COLOR_BGRA2RGB)),
    'mono8': (1, 1, _color(cv2.COLOR_GRAY2RGB)),
    'yuv422': (1, 2, _color(cv2.COLOR_YUV2RGB_UYVY)),
    'yuv422_yuy2': (1, 2, _color(cv2.COLOR_YUV2RGB_YUYV)),
    'bayer_rggb8': (1, 1, _color(cv2.COLOR_BayerBG2RGB)),
    'bayer_bggr8': (1, 1, _color(cv2.COLOR_BayerRG2RGB)),
    'bayer_gbrg8': (1, 1, _color(cv2.COLOR_BayerGR2RGB)),
    'bayer_grbg8': (1, 1, _color(cv2.COLOR_BayerGB2RGB)),
}
_FORMATS['uyvy'] = _FORMATS['yuv422']
_FORMATS['yuyv'] = _FORMATS['yuv422_yuy2']
for _name in ('rgb', 'bgr', 'rgba', 'bgra', 'mono', 'bayer_rggb', 'bayer_bggr', 'bayer_gbrg', 'bayer_grbg'):
    _FORMATS[_name + '16'] = (2, *_FORMATS[_name + '8'][1:])

ENCODINGS = tuple(sorted(_FORMATS))


def decode_image(message: Image) -> np.ndarray:
    """Return the picture of a raw image message.

    :return: (H, W, 3) uint8, red first; of ``rgb8`` a view on the message, else a new array.
        Of 16-bit encodings it keeps the upper byte.
    :raises ImageError: the message contradicts itself or its encoding is not known
    """
    encoding = message.encoding.lower()
    if encoding not in _FORMATS:
        return _decode_with_bridge(message)
    depth, channels, convert = _FORMATS[encoding]
    _check_size(message, depth * channels)
    if channels == 2 and message.width % 2:
        raise ImageError(
            f"image '{message.encoding}' is {message.width} pixels wide; pairs of pixels share their "
            'colour, so the width must be even'
        )
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    samples = rows[:, : message.width * depth * channels].reshape(message.height, message.width, channels, depth)
    upper = 0 if message.is_bigendian else depth - 1
    return convert(samples[..., upper] if depth == 1 else np.ascontiguousarray(samples[..., upper]))


def _check_size(message: Image, bytes_per_pixel: int) -> None:
    size = f"image '{message.encoding}' of {message.width} x {message.height} pixels"
    if not message.width or not message.height:
        raise ImageError(f'{size} is empty; check the source')
    if message.step < message.width * bytes_per_pixel:
        raise ImageError(
            f'{size} needs a step of at least {message.width * bytes_per_pixel} bytes, got '
            f'{message.step}; correct step or encoding in the source'
        )
    if len(message.data) != message.step * message.height:
        raise ImageError(
            f'{size} and step {message.step} needs {message.step * message.height} bytes of data, '
            f'got {len(message.data)}; correct the source'
        )


def _decode_with_bridge(message: Image) -> np.ndarray:
    if not message.width or not message.height:
        raise ImageError(f"image '{message.encoding}' of {message.width} x {message.height} pixels is empty")
    rgb = _bridge_to_rgb(message)
    if rgb is None:
        raise ImageError(
            f"image encoding '{message.encoding}' is not supported (supported: {', '.join(ENCODINGS)}); "
            'republish it as rgb8'
        )
    return rgb


def decode_compressed(message: CompressedImage) -> np.ndarray:
    """Return the picture of a JPEG or PNG message.

    :return: (H, W, 3) uint8, red first
    :raises ImageError: the data are no complete JPEG or PNG
    """
    data = np.frombuffer(message.data, np.uint8)
    kind = f"compressed image of format '{message.format}' and {data.size} bytes"
    if 'compressedDepth' in message.format:
        raise ImageError(f'{kind} is a depth image; use the topic of a colour image')
    if data[:2].tobytes() == b'\xff\xd8' and bytes(message.data).rfind(b'\xff\xd9') < 0:
        raise ImageError(f'{kind} is a truncated JPEG; check the source and the network')
    try:
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION) if data.size else None
    except cv2.error:
        bgr = None
    if bgr is None:
        raise ImageError(f'{kind} cannot be decoded; send jpeg or png')
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def fill_image(array: np.ndarray, encoding: str, header: Header) -> Image:
    """Return an image message of an array.

    :param array: (H, W) or (H, W, C), of the encoding's type
    :param encoding: as in ``sensor_msgs``, e.g. ``mono8``, ``rgb8`` or ``32FC1``
    """
    height, width = array.shape[:2]
    message = Image(header=header, height=height, width=width, encoding=encoding)
    message.is_bigendian = int(sys.byteorder == 'big')
    message.step = array.nbytes // height
    # Assigning to ``data`` would convert every byte; an empty array takes them in one copy.
    message.data.frombytes(np.ascontiguousarray(array).data.cast('B'))
    return message


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
