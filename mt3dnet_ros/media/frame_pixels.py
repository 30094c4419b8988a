"""From a decoded frame of any pixel format to an upright picture in red, green and blue."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
from av import VideoFrame
from av.video.reformatter import Colorspace, VideoReformatter

_UNKNOWN_MATRIX = 2  # AVCOL_SPC_UNSPECIFIED


class FramePixels:
    """Converts the frames of one stream."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, frame: VideoFrame) -> np.ndarray:
        """Return (H, W, 3) uint8 RGB of a frame, in the size that it is stored with."""
        matrix = _guessed_matrix(frame) if frame.colorspace == _UNKNOWN_MATRIX else None
        return self._reformatter.reformat(frame, format='rgb24', src_colorspace=matrix, threads=1).to_ndarray()


def _guessed_matrix(frame: VideoFrame) -> Colorspace:
    """Return how colours are coded where a file does not say: by its size, as players do."""
    return Colorspace.ITU709 if frame.width >= 1280 or frame.height > 576 else Colorspace.ITU601


def upright(image: np.ndarray, frame: VideoFrame) -> np.ndarray:
    """Turn and mirror an image as the display matrix of its frame asks, by right angles.

    :param frame: as it was decoded
    """
    a, b, c, d = _display_matrix(frame)
    transposed = abs(b) + abs(c) > abs(a) + abs(d)
    if transposed:
        image = image.swapaxes(0, 1)
    across, down = (c, b) if transposed else (a, d)
    return np.ascontiguousarray(image[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])


def _display_matrix(frame: VideoFrame) -> tuple[float, float, float, float]:
    """Return a, b, c, d of x' = a x + c y and y' = b x + d y, from stored to shown pixels."""
    try:
        data: Any = frame.side_data
    except ValueError:  # a kind of data beside it that PyAV does not know: then without a mirror
        angle = math.radians(frame.rotation)
        return math.cos(angle), -math.sin(angle), math.sin(angle), math.cos(angle)
    if 'DISPLAYMATRIX' not in data:
        return 1.0, 0.0, 0.0, 1.0
    a, b, _, c, d, *_ = struct.unpack('=9i', bytes(data['DISPLAYMATRIX']))
    return a, b, c, d
