"""The keyframes of SCARED, and what they share with the videos: folders, calibration, images of points."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.files import first_folder, read_image
from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.stereo_calibration import read_scared_calibration
from mt3dnet_ros.geometry.stereo import StereoCamera

_METRES_PER_MILLIMETRE = np.float32(1e-3)
_Z = 0  # OpenCV reads the colours of an image backwards, and so X, Y, Z

Keyframe = tuple[int, int]  # numbers of the data set and of the keyframe in it


class ScaredKeyframes(ListedFrames[Path]):
    """The keyframes, whose depth is measured: no types, parts or instances."""

    def __init__(self, root: Path, keyframes: list[Keyframe]) -> None:
        super().__init__({keyframe_name(key): keyframe_folder(root, key) for key in keyframes}, None)

    def right_image(self, index: int) -> np.ndarray:
        """Return what the right camera sees, (H, W, 3) uint8 RGB."""
        return read_image(self._entries[index] / 'Right_Image.png')

    def stereo_camera(self, index: int) -> StereoCamera:
        """Return both cameras of a frame."""
        height, width = read_image(self._entries[index] / 'Left_Image.png').shape[:2]
        return keyframe_calibration(self._entries[index], (width, height))

    def _read(self, name: str, entry: Path) -> LabelledFrame:
        image = read_image(entry / 'Left_Image.png')
        height, width = image.shape[:2]
        depth = depth_of_points(read_points(entry / 'left_depth_map.tiff', (height, width)))
        return LabelledFrame(name, image, depth=depth, camera=keyframe_calibration(entry, (width, height)).left)


def keyframe_name(key: Keyframe) -> str:
    """Return a keyframe's name, such as ``dataset_8/keyframe_0``."""
    return f'dataset_{key[0]}/keyframe_{key[1]}'


def keyframe_folder(root: Path, key: Keyframe) -> Path:
    """Return a keyframe's folder.

    :raises DatasetError: it is not there
    """
    number, keyframe = key
    dataset = first_folder(root, f'dataset_{number}', f'dataset{number}')
    folder = dataset and first_folder(dataset, f'keyframe_{keyframe}', f'keyframe{keyframe}')
    if folder is None:
        raise DatasetError(f"'{root}' must have a folder {keyframe_name(key)} with Left_Image.png; unpack its archive")
    return folder


@lru_cache(maxsize=64)
def keyframe_calibration(folder: Path, size: tuple[int, int]) -> StereoCamera:
    """Read a keyframe's calibration, once."""
    return read_scared_calibration(folder / 'endoscope_calibration.yaml', size)


def read_points(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Read an image of points, (H, W, 3) float32 millimetres, Z first.

    :raises DatasetError: it is missing, damaged, or of another size or type
    """
    if not path.is_file():
        raise DatasetError(f"depth map '{path}' does not exist")
    points = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if points is None or points.shape != (*shape, 3) or points.dtype != np.float32:
        found = 'cannot be decoded' if points is None else f'is {points.dtype} of shape {points.shape}'
        raise DatasetError(f"depth map '{path}' {found}; it must be float32 of shape {(*shape, 3)}")
    return points


def depth_of_points(points: np.ndarray) -> np.ndarray:
    """Return depth in metres, 0 where unknown, (H, W) float32.

    :param points: (H, W, 3) float32 millimetres, Z first; 0 or NaN where unknown
    """
    z = points[..., _Z]
    return np.where(np.isfinite(z) & (z > 0.0), z * _METRES_PER_MILLIMETRE, np.float32(0.0))
