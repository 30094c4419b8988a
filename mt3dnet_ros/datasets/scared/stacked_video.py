"""Videos that show the left image over the right one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from av.error import FFmpegError

from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.media.containers.container import open_container


class StackedVideo:
    """Frames of a video by their number; reading one after the other is fast, any other order seeks.

    :param path: of the video
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._capture: cv2.VideoCapture | None = None
        self._next = 0

    def __getstate__(self) -> dict[str, Any]:
        """Leave the open file behind: each worker process opens its own."""
        return {**self.__dict__, '_capture': None, '_next': 0}

    def read(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the left and the right image of a frame, (H, W, 3) uint8 RGB each.

        :raises DatasetError: the video is missing or damaged, or has no such frame
        """
        capture = self._open()
        if number != self._next:
            capture.set(cv2.CAP_PROP_POS_FRAMES, number)
        decoded, frame = capture.read()
        if not decoded:
            self._capture = None
            raise DatasetError(f"frame {number} of video '{self._path}' cannot be decoded; fetch the video again")
        self._next = number + 1
        left, right = np.split(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), 2)
        return left, right

    def _open(self) -> cv2.VideoCapture:
        if self._capture is None:
            if not self._path.is_file():
                raise DatasetError(f"video '{self._path}' does not exist")
            _check(self._path)
            self._capture, self._next = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG), 0
            if not self._capture.isOpened():
                self._capture = None
                raise DatasetError(f"video '{self._path}' cannot be opened; fetch it again")
        return self._capture


def _check(path: Path) -> None:
    """Refuse what names other files or addresses, which OpenCV would follow."""
    try:
        open_container(path).close()
    except (OSError, FFmpegError) as error:
        raise DatasetError(f"video '{path}' cannot be opened; fetch it again") from error
