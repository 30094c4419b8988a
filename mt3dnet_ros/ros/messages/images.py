"""Images to arrays and back, without a copy too many."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, TypeGuard, cast

import numpy as np

from mt3dnet_ros.errors import shown
from mt3dnet_ros.ros.messages.compressed_images import DEFAULT_CODECS, decode_compressed_data, read_compressed_header
from mt3dnet_ros.ros.messages.encodings import ASSUMED, ImageError
from mt3dnet_ros.ros.messages.raw_images import decode_raw
from mt3dnet_ros.ros.messages.sample_bits import SampleBits

if TYPE_CHECKING:  # recordings are decoded without ROS too
    from sensor_msgs.msg import CompressedImage, Image
    from std_msgs.msg import Header

    from mt3dnet_ros.ros.messages.bulk import BulkMessage

MAX_PIXELS = 64_000_000
_SHOWN = 100  # characters of an encoding or format


class ImageDecoder:
    """Decodes the images of one stream.

    :param bits: that samples of 16-bit encodings use, 1 to 16; 0 finds out, see ``SampleBits``
    :param max_pixels: an image of more is refused before it is decoded
    :param codecs: of compressed images that are decoded
    """

    def __init__(self, bits: int = 0, max_pixels: int = MAX_PIXELS, codecs: Collection[str] = DEFAULT_CODECS) -> None:
        self._given = bits
        self.max_pixels = max_pixels
        self.codecs = codecs
        self.forget()

    def forget(self) -> None:
        """Begin a stream."""
        self._bits = SampleBits(self._given)
        self._kind = ('', 0, 0)  # encoding or format, width, height

    def __call__(self, message: Image | CompressedImage) -> np.ndarray:
        """Return the picture of a message.

        :return: (H, W, 3) uint8, red first; of ``rgb8`` a view on the message, else a new array
        :raises ImageError: the message contradicts itself, is damaged or too large, or its encoding is not known
        """
        if _is_compressed(message):
            header = read_compressed_header(message, self.codecs)
            self._begin(message.format, header.width, header.height)
            return decode_compressed_data(message, header, self._bits)
        raw = cast('Image', message)
        self._begin(raw.encoding, raw.width, raw.height)
        return decode_raw(raw, self._bits)

    @property
    def encoding(self) -> str:
        """The encoding or format of the last image, with the bits of its samples where these are found out or given."""
        kind = shown(self._kind[0], _SHOWN)
        return f'{kind} of {self._bits.bits} bits' if self._bits.largest else kind

    @property
    def doubt(self) -> str:
        """What was taken for granted of the last image, and may be wrong; empty where nothing was."""
        if assumed := ASSUMED.get(self._kind[0].lower()):
            return (
                f"image encoding '{self._kind[0]}' does not name its colours and is taken for {assumed}; "
                'let the driver publish its true encoding'
            )
        return self._bits.problem

    def _begin(self, kind: str, width: int, height: int) -> None:
        if width * height > self.max_pixels:
            raise ImageError(
                f"image '{kind}' of {width} x {height} pixels has more than max_pixels {self.max_pixels}; "
                'correct the source, or raise max_pixels'
            )
        if (kind, width, height) != self._kind:  # another stream, whose samples may have fewer bits
            self._kind, self._bits = (kind, width, height), SampleBits(self._given)


def decode_image(message: Image) -> np.ndarray:
    """Return the picture of a raw image message by itself; those of a stream are for an ``ImageDecoder``.

    :return: (H, W, 3) uint8, red first; of ``rgb8`` a view on the message, else a new array
    :raises ImageError: the message contradicts itself or its encoding is not known
    """
    return ImageDecoder()(message)


def decode_compressed(message: CompressedImage) -> np.ndarray:
    """Return the picture of a JPEG or PNG message by itself; those of a stream are for an ``ImageDecoder``.

    :return: (H, W, 3) uint8, red first
    :raises ImageError: the data are no complete JPEG or PNG
    """
    return ImageDecoder()(message)


def _is_compressed(message: Image | CompressedImage) -> TypeGuard[CompressedImage]:
    return hasattr(message, 'format')


def fill_image(array: np.ndarray, encoding: str, header: Header) -> Image:
    """Return an image message of an array.

    :param array: (H, W) or (H, W, C), of the encoding's type
    :param encoding: as in ``sensor_msgs``, e.g. ``mono8``, ``rgb8`` or ``32FC1``
    """
    message = _without_data(array, encoding, header)
    # Assigning to ``data`` would convert every byte; an empty array takes them in one copy.
    message.data.frombytes(np.ascontiguousarray(array).data.cast('B'))
    return message


def bulk_image(array: np.ndarray, encoding: str, header: Header) -> BulkMessage[Image]:
    """Return an image message whose data are copied when it is published; parameters as for ``fill_image``."""
    from mt3dnet_ros.ros.messages.bulk import BulkMessage

    def write(out: np.ndarray) -> None:
        np.copyto(out.view(array.dtype).reshape(array.shape), array)

    return BulkMessage(_without_data(array, encoding, header), array.nbytes, write)


def _without_data(array: np.ndarray, encoding: str, header: Header) -> Image:
    from sensor_msgs.msg import Image

    height, width = array.shape[:2]
    message = Image(header=header, height=height, width=width, encoding=encoding)
    message.is_bigendian = int(sys.byteorder == 'big')
    message.step = array.nbytes // height
    return message
