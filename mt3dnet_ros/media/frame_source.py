"""Pictures one after the other: a video file, a folder of images or a camera."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from mt3dnet_ros.errors import MT3DNetError

FOLDER_RATE = 25.0
IMAGE_SUFFIXES = frozenset(('.bmp', '.jpeg', '.jpg', '.png', '.ppm', '.tif', '.tiff', '.webp'))


class SourceError(MT3DNetError, OSError):
    """A source that cannot be opened or read."""


class FrameSource(Protocol):
    """Where pictures come from; each iteration starts at the first.

    ``size`` is width and height in pixels; ``rate`` the source's own, in pictures per second; ``count`` the number of
    pictures, 0 where it is not known; ``is_live`` says that they come at their own pace, and that an old one is worth
    nothing.
    """

    size: tuple[int, int]
    rate: float
    count: int
    is_live: bool

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield (H, W, 3) uint8 pictures, blue first, all of one size.

        :raises SourceError: a picture cannot be read or has another size
        """


def open_source(source: str) -> FrameSource:
    """Return the pictures of a video file, a folder of images or a camera.

    :param source: path, or the number of a camera
    :raises SourceError: it is not there or has no picture
    """
    if not source:
        raise SourceError('no source is given; name a video file, a folder of images or a camera')
    if re.fullmatch(r'\d+|/dev/video\d+', source):
        return Camera(int(re.sub(r'\D', '', source)))
    path = Path(source).expanduser()
    if not path.exists():
        raise SourceError(f"source '{source}' does not exist")
    return ImageFolder(path) if path.is_dir() else VideoFile(path)


def natural_order(path: Path) -> list[tuple[int, int | str]]:
    """Return the key that sorts ``frame10`` after ``frame9``."""
    parts = re.split(r'(\d+)', path.name.lower())
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]


class VideoFile:
    """The pictures of a video file."""

    is_live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        capture = self._open()
        self.size = _first_size(capture, f"video '{path}' has no picture that can be decoded")
        self.rate = capture.get(cv2.CAP_PROP_FPS)
        self.count = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        capture.release()
        if not 0.0 < self.rate <= 1000.0:  # FFmpeg says 0 or a time base where the file has no rate
            self.rate = FOLDER_RATE

    def _open(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(str(self._path))
        if not capture.isOpened():
            raise SourceError(f"video '{self._path}' cannot be opened; it is no video or of an unknown format")
        return capture

    def __iter__(self) -> Iterator[np.ndarray]:
        yield from _captured(self._open())


class Camera:
    """The pictures of a camera, by its number."""

    is_live = True
    count = 0

    def __init__(self, number: int) -> None:
        self._number = number
        capture = self._open()
        self.size = _first_size(capture, f'camera {number} gives no picture; does another program use it?')
        self.rate = capture.get(cv2.CAP_PROP_FPS) or FOLDER_RATE
        capture.release()

    def _open(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(self._number)
        if not capture.isOpened():
            raise SourceError(f'camera {self._number} cannot be opened; is it connected, and may this user read it?')
        return capture

    def __iter__(self) -> Iterator[np.ndarray]:
        yield from _captured(self._open())


class ImageFolder:
    """The images of a folder, in natural order."""

    is_live = False
    rate = FOLDER_RATE

    def __init__(self, path: Path) -> None:
        images = (image for image in path.iterdir() if image.suffix.lower() in IMAGE_SUFFIXES)
        self._images = sorted(images, key=natural_order)
        self.count = len(self._images)
        if not self._images:
            raise SourceError(f"folder '{path}' has no image (looked for {', '.join(sorted(IMAGE_SUFFIXES))})")
        self.size = _size(_read_image(self._images[0]))

    def __iter__(self) -> Iterator[np.ndarray]:
        for path in self._images:
            image = _read_image(path)
            if _size(image) != self.size:
                raise SourceError(
                    f"image '{path}' has {image.shape[1]} x {image.shape[0]} pixels, the first of its "
                    f'folder {self.size[0]} x {self.size[1]}; they must have one size'
                )
            yield image


def _size(image: np.ndarray) -> tuple[int, int]:
    return image.shape[1], image.shape[0]


def _read_image(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise SourceError(f"image '{path}' cannot be decoded; remove it or write it anew")
    return image


def _first_size(capture: cv2.VideoCapture, problem: str) -> tuple[int, int]:
    readable, image = capture.read()
    if not readable:
        raise SourceError(problem)
    return _size(image)


def _captured(capture: cv2.VideoCapture) -> Iterator[np.ndarray]:
    try:
        while True:
            readable, image = capture.read()
            if not readable:
                return
            yield image
    finally:
        capture.release()
