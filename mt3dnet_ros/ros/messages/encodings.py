"""Encodings of raw images: how their samples lie, and what makes red, green and blue of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.errors import MT3DNetError

Convert = Callable[[np.ndarray], np.ndarray]

# BT.601 in its limited range, as OpenCV has it for 4:2:0 and 4:2:2 but not for 4:4:4: red, green, blue of Y, U, V, 1.
_YUV_TO_RGB = np.array(
    [
        [1.164, 0.0, 1.596, -1.164 * 16 - 1.596 * 128],
        [1.164, -0.391, -0.813, -1.164 * 16 + (0.391 + 0.813) * 128],
        [1.164, 2.018, 0.0, -1.164 * 16 - 2.018 * 128],
    ]
)
_GENERIC = re.compile(r'(8|16|32|64)([usf])c(\d*)')


class ImageError(MT3DNetError, ValueError):
    """An image message that cannot be read."""


@dataclass(frozen=True)
class PackedEncoding:
    """An encoding whose pixels follow one another.

    :param size: bytes per sample
    :param channels: samples per pixel
    :param convert: makes (H, W, 3) red, green, blue of (H, W, channels) uint8
    """

    size: int
    channels: int
    convert: Convert


@dataclass(frozen=True)
class PlanarEncoding:
    """An encoding of 8 bits whose colours follow all of its brightness.

    :param rows: rows of the message per row of the picture
    :param even: whether four pixels share their colour, so that width and height are even
    :param convert: makes (H, W, 3) red, green, blue of (rows * H, W) uint8
    """

    rows: float
    even: bool
    convert: Convert


def _color(code: int) -> Convert:
    return lambda pixels: cv2.cvtColor(pixels, code)


def _nv24(planes: np.ndarray) -> np.ndarray:
    height = len(planes) // 3
    luma, chroma = planes[:height], planes[height:].reshape(height, -1, 2)
    return cv2.transform(np.dstack([luma, chroma]), _YUV_TO_RGB)


# OpenCV names Bayer patterns by their second row and second column: its BG is RGGB.
PACKED: dict[str, PackedEncoding] = {
    'rgb8': PackedEncoding(1, 3, lambda pixels: pixels),
    'bgr8': PackedEncoding(1, 3, _color(cv2.COLOR_BGR2RGB)),
    'rgba8': PackedEncoding(1, 4, _color(cv2.COLOR_RGBA2RGB)),
    'bgra8': PackedEncoding(1, 4, _color(cv2.COLOR_BGRA2RGB)),
    'mono8': PackedEncoding(1, 1, _color(cv2.COLOR_GRAY2RGB)),
    'yuv422': PackedEncoding(1, 2, _color(cv2.COLOR_YUV2RGB_UYVY)),
    'yuv422_yuy2': PackedEncoding(1, 2, _color(cv2.COLOR_YUV2RGB_YUYV)),
    'bayer_rggb8': PackedEncoding(1, 1, _color(cv2.COLOR_BayerBG2RGB)),
    'bayer_bggr8': PackedEncoding(1, 1, _color(cv2.COLOR_BayerRG2RGB)),
    'bayer_gbrg8': PackedEncoding(1, 1, _color(cv2.COLOR_BayerGR2RGB)),
    'bayer_grbg8': PackedEncoding(1, 1, _color(cv2.COLOR_BayerGB2RGB)),
}
PACKED['uyvy'] = PACKED['yuv422']
PACKED['yuyv'] = PACKED['yuv422_yuy2']
for _name in ('rgb', 'bgr', 'rgba', 'bgra', 'mono', 'bayer_rggb', 'bayer_bggr', 'bayer_gbrg', 'bayer_grbg'):
    PACKED[_name + '16'] = PackedEncoding(2, PACKED[_name + '8'].channels, PACKED[_name + '8'].convert)

PLANAR: dict[str, PlanarEncoding] = {
    'nv12': PlanarEncoding(1.5, True, _color(cv2.COLOR_YUV2RGB_NV12)),
    'nv21': PlanarEncoding(1.5, True, _color(cv2.COLOR_YUV2RGB_NV21)),
    'nv24': PlanarEncoding(3, False, _nv24),
}
ASSUMED = {  # encodings that do not name their colours, and what they are taken as: OpenCV's order
    '8uc1': 'mono8',
    '8uc3': 'bgr8',
    '8uc4': 'bgra8',
    '16uc1': 'mono16',
    '16uc3': 'bgr16',
    '16uc4': 'bgra16',
}
ENCODINGS = tuple(sorted((*PACKED, *PLANAR, *(name.replace('uc', 'UC') for name in ASSUMED))))


def refuse(encoding: str) -> ImageError:
    """Return the error of an encoding that cannot be read, with the remedy."""
    generic = _GENERIC.fullmatch(encoding.lower())
    if generic and generic[2] == 'f':
        depth = 'as depth images are; use the topic of the colour image' if generic[3] in ('', '1') else 'of any range'
        return ImageError(f"image encoding '{encoding}' is of floats, {depth}; or republish it as rgb8 or mono8")
    if generic:
        return ImageError(
            f"image encoding '{encoding}' does not say what its samples mean; republish it with the encoding that it "
            'really has, such as yuv422, or as rgb8'
        )
    return ImageError(
        f"image encoding '{encoding}' is not supported (supported: {', '.join(ENCODINGS)}); republish it as rgb8"
    )
