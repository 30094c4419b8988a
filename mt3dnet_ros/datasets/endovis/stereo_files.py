"""The right image and the calibration that lie beside a sequence's left images, in the challenges' own layout."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from mt3dnet_ros.datasets.files import read_image
from mt3dnet_ros.datasets.frames import DatasetError
from mt3dnet_ros.datasets.listing import IMAGES, by_stem, first_folder, list_files
from mt3dnet_ros.datasets.stereo_calibration import read_intuitive_calibration
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.stereo import StereoCamera

CALIBRATION = 'camera_calibration.txt'
LEFT = ('left_frames', 'left_frame')
_RIGHT = ('right_frames', 'right_frame')


def read_right_image(left: Path) -> np.ndarray:
    """Read the right image of the same moment as a left one, (H, W, 3) uint8 RGB.

    :param left: path of the left image, in a folder of ``LEFT``
    """
    sequence = left.parent.parent
    folder = first_folder(sequence, *_RIGHT)
    if folder is None:
        raise DatasetError(f"'{sequence}' has no right images (looked for the folders {' and '.join(_RIGHT)})")
    right = folder / left.name
    if not right.is_file():  # of another type than the left one
        right = by_stem(list_files(folder, IMAGES)).get(left.stem, right)
    return read_image(right)


@lru_cache(maxsize=64)
def read_sequence_calibration(sequence: Path, size: tuple[int, int]) -> StereoCamera:
    """Read the calibration of a sequence, once; see ``read_intuitive_calibration``."""
    return read_intuitive_calibration(sequence / CALIBRATION, size)


def left_camera(sequence: Path, image: np.ndarray) -> Camera | None:
    """Return the left camera of an image of a sequence; None where the sequence has no calibration."""
    if not (sequence / CALIBRATION).is_file():
        return None
    return read_sequence_calibration(sequence, (image.shape[1], image.shape[0])).left
