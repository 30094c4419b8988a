"""Pictures one after the other: of a video file, a folder of images or a capture device."""

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
    """Return the pictures of a video file, a folder of images or a capture device.

    :param source: path, or the number of a capture device, such as ``0`` or ``/dev/video0``
    :raises SourceError: it is not there or has no picture
    """
    if not source:
        raise SourceError('no source is given; name a video file, a folder of images or the number of a capture device')
    if re.fullmatch(r'\d+|/dev/video\d+', source):
        return CaptureDevice(int(re.sub(r'\D', '', source)))
    path = Path(source).expanduser()
    if not path.exists():
        raise SourceError(f"source '{source}' does not exist")
    return ImageFolder(path) if path.is_dir() else VideoFile(path)


def natural_order(path: Path) -> list[tuple[int, int | str]]:
    """Return the key that sorts ``frame10`` after ``frame9``."""
    parts = re.split(r'(\d+)', path.name.lower())
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]


def list_images(folder: Path) -> list[Path]:
    """Return the images of a folder in natural order, hidden files left out.

    :raises SourceError: there is none
    """
    found = (path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file())
    images = sorted((path for path in found if not path.name.startswith('.')), key=natural_order)
    if not images:
        raise SourceError(f"folder '{folder}' has no image (looked for {', '.join(sorted(IMAGE_SUFFIXES))})")
    return images


class _VideoCapture:
    """Pictures that OpenCV reads from a file or from a device.

    :param target: path of the file, or number of the device
    :param unopened: what the error says where it cannot be opened, and ``unread`` where it gives no picture
    """

    count = 0

    def __init__(self, target: str | int, unopened: str, unread: str) -> None:
        self._target, self._unopened = target, unopened
        capture = self._open()
        readable, image = capture.read()
        if not readable:
            raise SourceError(unread)
        self.size = _size(image)
        rate = capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0.0 < rate <= 1000.0 else FOLDER_RATE  # FFmpeg says 0 or a time base where there is none
        self._frame_count = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        capture.release()

    def _open(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(self._target)
        if not capture.isOpened():
            raise SourceError(self._unopened)
        return capture

    def __iter__(self) -> Iterator[np.ndarray]:
        capture = self._open()
        try:
            while True:
                readable, image = capture.read()
                if not readable:
                    return
                yield image
        finally:
            capture.release()


class VideoFile(_VideoCapture):
    """The pictures of a video file."""

    is_live = False

    def __init__(self, path: Path) -> None:
        super().__init__(
            str(path),
            f"video '{path}' cannot be opened; it is no video, or of a format that OpenCV cannot read",
            f"video '{path}' has no picture that can be decoded",
        )
        self.count = self._frame_count


class CaptureDevice(_VideoCapture):
    """The pictures of a webcam or a frame grabber, by its number."""

    is_live = True

    def __init__(self, number: int) -> None:
        super().__init__(
            number,
            f'capture device {number} cannot be opened; is it connected, and may this user read it?',
            f'capture device {number} gives no picture; does another program use it?',
        )


class ImageFolder:
    """The images of a folder, in natural order."""

    is_live = False
    rate = FOLDER_RATE

    def __init__(self, path: Path) -> None:
        self._images = list_images(path)
        self.count = len(self._images)
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
        raise SourceError(f"image '{path}' cannot be decoded; remove it or replace it")
    return image
