"""The pictures to predict on, from what a user names: an image, a folder of images or a video."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.media.frame_source import DEFAULT_RATE, FrameLosses, FrameSource, SourceError
from mt3dnet_ros.media.image_files import IMAGE_SUFFIXES, list_images, read_image
from mt3dnet_ros.media.open_source import open_video


@dataclass(frozen=True)
class Picture:
    """One picture, decoded when it is asked for.

    :param stem: names its predictions; unique within an input
    :param file_name: of the file that it comes from
    :param read: returns (H, W, 3) uint8 RGB; raises SourceError where the picture cannot be decoded
    :param stamp: nanoseconds since just before the film began, or of the image's header in a recording; 0 for a picture
        that belongs to no film
    :param damaged: a part of it could not be decoded and is guessed
    :param find_camera: returns the camera of the picture by its width and height, where its source knows that
    :param read_right: returns what the second eye saw at that time, likewise; None where there is none
    """

    stem: str
    file_name: str
    read: Callable[[], np.ndarray]
    stamp: int = 0
    damaged: bool = False
    find_camera: Callable[[int, int], Camera | None] | None = None
    read_right: Callable[[], np.ndarray] | None = None


class Pictures(Protocol):
    """The pictures of one input, in order.

    ``count`` is how many it announces, 0 where it does not; ``rate`` how many a second, where they come evenly;
    ``is_sequence`` says that they make a film; ``losses`` is what the latest iteration could not give so far.
    """

    count: int
    rate: float
    is_sequence: bool

    @property
    def losses(self) -> FrameLosses:
        """What the latest iteration could not give so far."""

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
    return VideoPictures(path.name, open_video(path))


class ImageFiles:
    """Pictures in files of their own, named by the files' names without suffix."""

    rate = DEFAULT_RATE

    def __init__(self, paths: Sequence[Path], is_sequence: bool) -> None:
        self.count = len(paths)
        self.is_sequence = is_sequence
        self.losses = FrameLosses()  # each picture says by itself what is wrong with it
        self._paths = paths

    def __iter__(self) -> Iterator[Picture]:
        for index, path in enumerate(self._paths):
            stamp = round(1e9 * (index + 1) / self.rate) if self.is_sequence else 0
            yield Picture(path.stem, path.name, partial(read_image, path), stamp)


class VideoPictures:
    """The pictures of a video, named by their six-digit number, from 000000.

    Where pictures are missing the numbers of the others stay what they are by their time.
    """

    def __init__(self, name: str, video: FrameSource) -> None:
        self._name, self._video = name, video
        self.count, self.rate = video.count, video.rate
        self.is_sequence = video.count != 1

    @property
    def losses(self) -> FrameLosses:
        """What the latest iteration could not give so far."""
        return self._video.losses

    def __iter__(self) -> Iterator[Picture]:
        number, before_first = -1, round(1e9 / self.rate)
        for image in self._video:
            by_time = round(1e-9 * image.stamp * self.rate) if self.losses.missing else 0
            number = max(number + 1, by_time)
            read = partial(np.asarray, image.image)
            yield Picture(f'{number:06d}', self._name, read, image.stamp + before_first, image.damaged)


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
