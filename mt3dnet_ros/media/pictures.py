"""The pictures to predict on, from what a user names: an image, a folder of images or a video."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from mt3dnet_ros.media.frame_source import FOLDER_RATE, IMAGE_SUFFIXES, SourceError, VideoFile, list_images


@dataclass(frozen=True)
class Picture:
    """One picture, decoded when it is asked for.

    :param stem: names its predictions; unique within an input
    :param file_name: of the file that it comes from
    :param read: returns (H, W, 3) uint8 RGB; raises SourceError where the picture cannot be decoded
    :param stamp: nanoseconds since just before the film began; 0 for a picture that belongs to no film
    """

    stem: str
    file_name: str
    read: Callable[[], np.ndarray]
    stamp: int = 0


class Pictures(Protocol):
    """The pictures of one input, in order.

    ``count`` is how many there are, 0 where it is not known; ``rate`` how many a second; ``is_sequence`` says that they
    make a film.
    """

    count: int
    rate: float
    is_sequence: bool

    def __iter__(self) -> Iterator[Picture]: ...


def open_pictures(path: Path) -> Pictures:
    """Return the pictures of an image file, a folder of images or a video file.

    :raises SourceError: there is none, or two of them would have the same name
    """
    if not path.exists():
        raise SourceError(f"input '{path}' does not exist; name an image, a folder of images or a video")
    if path.is_dir():
        return ImageFiles(_images_of(path), is_sequence=True)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageFiles([path], is_sequence=False)
    return VideoPictures(path)


class ImageFiles:
    """Pictures in files of their own, named by the files' names without suffix."""

    rate = FOLDER_RATE

    def __init__(self, paths: Sequence[Path], is_sequence: bool) -> None:
        self.count = len(paths)
        self.is_sequence = is_sequence
        self._paths = paths

    def __iter__(self) -> Iterator[Picture]:
        for index, path in enumerate(self._paths):
            stamp = _stamp(index, self.rate) if self.is_sequence else 0
            yield Picture(path.stem, path.name, partial(_read_image, path), stamp)


class VideoPictures:
    """The pictures of a video, named by their six-digit number, from 000000."""

    is_sequence = True

    def __init__(self, path: Path) -> None:
        self._video = VideoFile(path)
        self.count, self.rate = self._video.count, self._video.rate
        self._name = path.name

    def __iter__(self) -> Iterator[Picture]:
        for index, picture in enumerate(self._video):
            yield Picture(f'{index:06d}', self._name, partial(_as_rgb, picture), _stamp(index, self.rate))


def _images_of(folder: Path) -> list[Path]:
    paths = list_images(folder)
    first: dict[str, Path] = {}
    for path in paths:
        if (other := first.setdefault(path.stem, path)) is not path:
            raise SourceError(
                f"'{other.name}' and '{path.name}' in folder '{folder}' would both have predictions "
                f"named '{path.stem}'; rename or move one of them"
            )
    return paths


def _stamp(index: int, rate: float) -> int:
    return round((index + 1) * 1e9 / rate)


def _read_image(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise SourceError('the image cannot be decoded; remove it or replace it')
    return _as_rgb(image)


def _as_rgb(bgr: np.ndarray) -> np.ndarray:
    return bgr[..., ::-1]
