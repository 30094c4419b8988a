"""Compressed images to red, green and blue, by the rules of compressed_image_transport."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mt3dnet_ros.media.codecs.picture_header import (
    CODECS,
    PictureHeader,
    guess_codec,
    has_whole_chunks,
    read_header,
)
from mt3dnet_ros.ros.messages.encodings import PACKED, ImageError
from mt3dnet_ros.ros.messages.sample_bits import SampleBits

if TYPE_CHECKING:  # recordings are decoded without ROS too
    from sensor_msgs.msg import CompressedImage

_FLAGS = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
_REMEDIES = {
    'video': 'is a packet of a video stream; decode it with `ros2 run image_transport republish`, and use its output',
    'still': 'is neither JPEG nor PNG; set the format of its publisher (`....compressed.format`) to jpeg or png',
}
DEFAULT_CODECS = ('jpeg', 'png')  # the decoders of others are not reached unless they are allowed
_MOST_SCANS = 100  # of a JPEG, each of which takes the time of the whole picture; programs make up to 11
_HEADER_BYTES = 4096  # in which the size of most pictures stands
_VIDEO = re.compile(r'h\.?26[45]|hevc|avc|av1|vp[89]|theora|mpeg4|ffmpeg')
_STILL = re.compile(r'webp|tiff|bmp|qoi|jxl|jpeg ?2000|jp2|avif|heic')


def read_compressed_header(message: CompressedImage, allowed: Collection[str] = DEFAULT_CODECS) -> PictureHeader:
    """Return what the data of a message say of themselves.

    :param allowed: of ``CODECS``
    :raises ImageError: they are of no such codec, or end within the header
    """
    if 'compressedDepth' in message.format:
        raise ImageError(f'{_describe(message)} is a depth image; use the topic of a colour image')
    data = bytes(message.data[:_HEADER_BYTES])
    header = read_header(data) or read_header(bytes(message.data))
    if header is None or header.codec not in CODECS:
        raise ImageError(f'{_describe(message)} {_remedy(message.format.lower(), guess_codec(data))}')
    if header.codec not in allowed:
        raise ImageError(
            f'{_describe(message)} is {header.codec}, which compressed_formats does not allow; set the format of its '
            f'publisher (`....compressed.format`) to {" or ".join(allowed) or "none"}, or allow {header.codec}'
        )
    return header


def decode_compressed_data(message: CompressedImage, header: PictureHeader, bits: SampleBits) -> np.ndarray:
    """Return the picture of a message.

    ``format`` says how the data came about: ``ENCODING; CODEC compressed [ORDER]``. Data of a colour ``ENCODING`` are
    red and blue exchanged unless ``ORDER`` begins with bgr; those of a Bayer pattern are its mosaic unless ``ORDER`` is
    mono8; any other format holds a plain picture.

    :param bits: of the samples of 16-bit pictures
    :return: (H, W, 3) uint8, red first
    :raises ImageError: the data are damaged
    """
    data = np.frombuffer(message.data, np.uint8)
    if header.codec == 'jpeg':
        _check_jpeg(message, data.tobytes())
    if header.codec == 'png' and not has_whole_chunks(data.tobytes()):
        raise ImageError(f'{_describe(message)} cannot be decoded: truncated png; check the source and the network')
    try:
        samples = cv2.imdecode(data, _FLAGS)
    except cv2.error:
        samples = None
    if samples is None or samples.shape[:2] != (header.height, header.width):
        raise ImageError(f'{_describe(message)} cannot be decoded: damaged {header.codec}; check the source')
    samples = samples.reshape(header.height, header.width, -1)
    narrow = bits.scale(samples) if samples.dtype == np.uint16 else samples
    return PACKED[_encoding(message.format, narrow.shape[2])].convert(narrow)


def _check_jpeg(message: CompressedImage, data: bytes) -> None:
    if data.rfind(b'\xff\xd9') < 0:
        raise ImageError(f'{_describe(message)} is a truncated JPEG; check the source and the network')
    if (scans := data.count(b'\xff\xda')) > _MOST_SCANS:
        raise ImageError(f'{_describe(message)} is a JPEG of {scans} scans, more than {_MOST_SCANS}; check the source')


def _encoding(format_name: str, channels: int) -> str:
    """Return the encoding of 8 bits that the decoded samples have."""
    original, _, rest = (part.strip().lower() for part in format_name.partition(';'))
    base = original.removesuffix('16').removesuffix('8')
    order = rest.partition('compressed')[2].strip()
    if channels == 1:
        mosaic = base.startswith('bayer_') and base + '8' in PACKED and order != 'mono8'
        return base + '8' if mosaic else 'mono8'
    exchanged = 'compressed' in rest and base in ('rgb', 'bgr', 'rgba', 'bgra') and not order.startswith('bgr')
    return 'rgb8' if exchanged else 'bgr8'


def _remedy(format_name: str, codec: str) -> str:
    named = f'{format_name} {codec}'
    if _VIDEO.search(named):
        return _REMEDIES['video']
    if _STILL.search(named):
        return _REMEDIES['still']
    return 'cannot be decoded: no complete JPEG or PNG; send jpeg or png'


def _describe(message: CompressedImage) -> str:
    return f"compressed image of format '{message.format}' and {len(message.data)} bytes"
