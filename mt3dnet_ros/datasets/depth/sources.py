"""Where the frames to prepare come from: a data set, or plain folders of images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeGuard

import numpy as np

from mt3dnet_ros.datasets.files import read_image
from mt3dnet_ros.datasets.frames import DatasetError, FrameSet, IterableFrames, LabelledFrame
from mt3dnet_ros.datasets.stereo_calibration import read_stereo_calibration
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.media.frame_source import SourceError
from mt3dnet_ros.media.image_files import list_images
from mt3dnet_ros.perception.taxonomy import Taxonomy


class StereoFrames(FrameSet, Protocol):
    """Frames whose data set also has the view of a second camera, to the right of the first."""

    def right_image(self, index: int) -> np.ndarray:
        """Return what the right camera sees at the same moment, (H, W, 3) uint8 RGB.

        :raises DatasetError: the file is missing or damaged
        """

    def stereo_camera(self, index: int) -> StereoCamera:
        """Return both cameras of a frame.

        :raises DatasetError: the calibration is missing or damaged
        """


def has_stereo(frames: FrameSet) -> TypeGuard[StereoFrames]:
    """Return whether frames come with the view of a second camera."""
    readable = hasattr(frames, 'right_image') and hasattr(frames, 'stereo_camera')
    return readable and bool(getattr(frames, 'is_stereo', True))


class FolderFrames(IterableFrames):
    """The images of a folder, named by their files' names without suffix.

    :raises DatasetError: the folder is missing, has no image, or two images have one name
    """

    taxonomy: Taxonomy | None = None

    def __init__(self, folder: str | Path) -> None:
        self._paths = _images(Path(folder))
        self.names: Sequence[str] = list(self._paths)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> LabelledFrame:
        name = self.names[index]
        return LabelledFrame(name, read_image(self._paths[name]))


class FolderPairs(FolderFrames):
    """The images of two folders, left and right ones of one name, taken by cameras of one calibration.

    :param calibration: of the pair, or of the left camera where ``right_calibration`` is that of the right one
    :raises DatasetError: as for ``FolderFrames``, or a right image is missing
    """

    def __init__(
        self, left: str | Path, right: str | Path, calibration: str | Path, right_calibration: str | Path | None = None
    ) -> None:
        super().__init__(left)
        self._right = _images(Path(right))
        if missing := [name for name in self.names if name not in self._right]:
            raise DatasetError(f"folder '{right}' has no image for {len(missing)} left ones, first '{missing[0]}'")
        height, width = self[0].image.shape[:2]
        self._camera = read_stereo_calibration(calibration, (width, height), right_calibration)

    def right_image(self, index: int) -> np.ndarray:
        """Return the right image of the same name, (H, W, 3) uint8 RGB."""
        return read_image(self._right[self.names[index]])

    def stereo_camera(self, index: int) -> StereoCamera:
        """Return both cameras; they are the same for every frame."""
        return self._camera


def _images(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise DatasetError(f"folder '{folder}' does not exist; name a folder of images")
    try:
        paths = list_images(folder)
    except SourceError as error:
        raise DatasetError(str(error)) from error
    images = {path.stem: path for path in paths}
    if len(images) < len(paths):
        raise DatasetError(f"folder '{folder}' has images that differ only in their suffix; keep one of each name")
    return images
