"""Pictures of a left camera with those of the right one: from two inputs, or side by side in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from mt3dnet_ros.media.frame_source import FrameLosses, SourceError
from mt3dnet_ros.media.pictures import ImageFiles, Picture, Pictures


class PairedPictures:
    """The pictures of a left camera, each with what the right one saw at that time.

    Images of two folders belong together by their names, and two images as they are; the pictures of two videos by
    their time, the nearest one. A picture without a partner is given without it, and counted.

    :param left: pictures of the left camera
    :param right: pictures of the right one
    :param tolerance: seconds by which the pictures of two videos may be apart
    :raises SourceError: the two do not fit together
    """

    def __init__(self, left: Pictures, right: Pictures, tolerance: float) -> None:
        if isinstance(left, ImageFiles) is not isinstance(right, ImageFiles):
            raise SourceError('both eyes must be given alike: two videos, two folders of images or two images')
        self.count, self.rate, self.is_sequence = left.count, left.rate, left.is_sequence
        self._left, self._right = left, right
        self._tolerance = round(1e9 * tolerance)
        self.unpaired = 0
        if isinstance(left, ImageFiles) and left.is_sequence:
            _check_names(left, right)

    @property
    def losses(self) -> FrameLosses:
        """What the latest iteration could not give so far, of both."""
        losses = FrameLosses()
        losses.add(self._left.losses)
        losses.add(self._right.losses)
        return losses

    def __iter__(self) -> Iterator[Picture]:
        self.unpaired = 0
        pairs = self._by_name() if isinstance(self._left, ImageFiles) else self._by_time()
        for picture, right in pairs:
            self.unpaired += right is None
            yield replace(picture, read_right=right.read if right else None)

    def _by_name(self) -> Iterator[tuple[Picture, Picture | None]]:
        if not self.is_sequence:
            yield from zip(self._left, self._right, strict=True)
            return
        right = {picture.stem: picture for picture in self._right}
        for picture in self._left:
            yield picture, right.get(picture.stem)

    def _by_time(self) -> Iterator[tuple[Picture, Picture | None]]:
        upcoming = iter(self._right)
        before: Picture | None = None
        after = next(upcoming, None)
        for picture in self._left:
            time = _time(picture, self._left)
            while after is not None and _time(after, self._right) < time:
                before, after = after, next(upcoming, None)
            apart = {abs(_time(other, self._right) - time): other for other in (after, before) if other}
            nearest = min(apart, default=self._tolerance + 1)
            yield picture, apart[nearest] if nearest <= self._tolerance else None


def _time(picture: Picture, film: Pictures) -> int:
    """Return when a picture was taken, nanoseconds since the film began; its stamp is never 0."""
    return picture.stamp - round(1e9 / film.rate)


class SideBySidePictures:
    """Pictures that show the left camera's view in their left half, and the right one's in the other.

    :param pictures: of twice the width of a view
    """

    def __init__(self, pictures: Pictures) -> None:
        self.count, self.rate, self.is_sequence = pictures.count, pictures.rate, pictures.is_sequence
        self._pictures = pictures
        self.unpaired = 0

    @property
    def losses(self) -> FrameLosses:
        """What the latest iteration could not give so far."""
        return self._pictures.losses

    def __iter__(self) -> Iterator[Picture]:
        for picture in self._pictures:
            halves = _Halves(picture.read, picture.file_name)
            yield replace(picture, read=partial(halves.read, 0), read_right=partial(halves.read, 1))


class _Halves:
    """Both views of one picture, which is decoded once."""

    def __init__(self, read: Callable[[], np.ndarray], file_name: str) -> None:
        self._read, self._file_name = read, file_name
        self._halves: tuple[np.ndarray, np.ndarray] | None = None

    def read(self, side: int) -> np.ndarray:
        """Return the left (0) or the right (1) view.

        :raises SourceError: the picture cannot be decoded, or cannot be split in two
        """
        if self._halves is None:
            whole = self._read()
            if (width := whole.shape[1]) % 2:
                raise SourceError(f"'{self._file_name}' has {width} columns, which are not two views side by side")
            self._halves = whole[:, : width // 2], whole[:, width // 2 :]
        return self._halves[side]


def _check_names(left: Pictures, right: Pictures) -> None:
    names, others = ([picture.stem for picture in pictures] for pictures in (left, right))
    if not set(names) & set(others):
        raise SourceError(
            f"no right image has the name of a left one (first ones: '{names[0]}' and '{others[0]}'); "
            'images of both eyes belong together by their names'
        )
