"""A video file, of the best codec that this build of OpenCV has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.errors import MT3DNetError

# H.264 plays everywhere, browsers included, but is not in OpenCV's wheels; MPEG-4 is.
CODECS = ('avc1', 'mp4v')


class VideoWriteError(MT3DNetError, OSError):
    """A video that cannot be written."""


class VideoWriter:
    """Writes pictures to an MP4 file; a context manager.

    :param rate: pictures per second
    :param size: height and width in pixels, both even
    :raises VideoWriteError: the file cannot be made
    """

    def __init__(self, path: Path, rate: float, size: tuple[int, int]) -> None:
        self.path = path
        self._writer = _open(path, rate, size)
        if not self._writer.isOpened():
            raise VideoWriteError(f"video '{path}' cannot be written; is its folder writable?")

    def write(self, picture: np.ndarray) -> None:
        """Append a picture, (H, W, 3) uint8, red first."""
        self._writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.release()


def _open(path: Path, rate: float, size: tuple[int, int]) -> cv2.VideoWriter:
    with _silence():
        for codec in CODECS:
            writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), rate, size[::-1])
            if writer.isOpened():
                break
    return writer


@contextmanager
def _silence() -> Iterator[None]:
    """Drop what OpenCV and FFmpeg print on standard error: a codec that is missing is no error here."""
    kept = os.dup(2)
    try:
        with open(os.devnull, 'wb') as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
