"""Picture files to pixels; how large they are is known, and limited, before anything is decoded."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.codecs.picture_header import has_whole_chunks, read_header

MOST_PIXELS = 200_000_000  # of a file: 14,000 x 14,000


class LargePictureError(InputError):
    """A picture that says it has more pixels than are decoded."""


def decode_picture(content: bytes | np.ndarray, mode: int, most: int = MOST_PIXELS) -> np.ndarray | None:
    """Return what OpenCV decodes of a JPEG, PNG, WebP, TIFF, BMP or PNM; None where it is none, or damaged.

    :param mode: of ``cv2.imdecode``
    :param most: pixels that it may have
    :return: (H, W) or (H, W, C), blue first, as the mode says
    :raises LargePictureError: its header says that there are more
    """
    data = content if isinstance(content, bytes) else content.tobytes()
    header = read_header(data)
    if header is None:
        return None
    if header.width * header.height > most:
        raise LargePictureError(
            f'{header.codec} of {header.width} x {header.height} pixels has more than {most}; reduce it'
        )
    if header.codec == 'png' and not has_whole_chunks(data):
        return None
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    except cv2.error:
        return None
