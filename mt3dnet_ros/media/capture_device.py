"""Webcams and frame grabbers, by OpenCV."""

from __future__ import annotations

import time
from collections.abc import Iterator

import cv2

from mt3dnet_ros.media.frame_source import DEFAULT_RATE, FrameLosses, SourceError, TimedImage


class CaptureDevice:
    """The pictures of a webcam or a frame grabber, by its number.

    :raises SourceError: it cannot be opened, or gives no picture
    """

    is_live = True
    count = 0

    def __init__(self, number: int) -> None:
        self._number = number
        self.losses = FrameLosses()
        capture = self._open()
        readable, image = capture.read()
        if not readable:
            raise SourceError(f'capture device {number} gives no picture; does another program use it?')
        self.size = image.shape[1], image.shape[0]
        rate = capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0.0 < rate <= 1000.0 else DEFAULT_RATE
        capture.release()

    def _open(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(self._number)
        if not capture.isOpened():
            raise SourceError(
                f'capture device {self._number} cannot be opened; is it connected, and may this user read it?'
            )
        return capture

    def __iter__(self) -> Iterator[TimedImage]:
        capture = self._open()
        start = time.monotonic_ns()
        try:
            while True:
                readable, image = capture.read()
                if not readable:
                    raise SourceError(f'capture device {self._number} gives no more pictures; was it unplugged?')
                yield TimedImage(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), time.monotonic_ns() - start)
        finally:
            capture.release()
