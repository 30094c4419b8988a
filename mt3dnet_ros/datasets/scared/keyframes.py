"""The keyframes of SCARED, and what they share with the videos: folders, calibration, images of points."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.completeness import require_masks
from mt3dnet_ros.datasets.files import read_image
from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.listing import IMAGES, by_stem, first_folder, list_files
from mt3dnet_ros.datasets.stereo_calibration import read_scared_calibration
from mt3dnet_ros.geometry.stereo import StereoCamera
from mt3dnet_ros.media.codecs.picture_decoder import LargePictureError, decode_picture

COUNTED_FROM_ZERO = (8, 9)  # data sets whose keyframes AF-SfMLearner renames to 1 to 5
AF_LEFT, AF_RIGHT = 'image_02', 'image_03'  # folders of AF-SfMLearner's layout, in a keyframe's
_METRES_PER_MILLIMETRE = np.float32(1e-3)
CALIBRATION = 'endoscope_calibration.yaml'
_DEPTH = 'left_depth_map.tiff'
_Z = 0  # OpenCV reads the colours of an image backwards, and so X, Y, Z

Keyframe = tuple[int, int]  # numbers of the data set and of the keyframe in it


class ScaredKeyframes(ListedFrames[Path]):
    """The keyframes, whose depth is measured: no types, parts or instances.

    :raises DatasetError: a keyframe, its image or its depth is missing
    """

    def __init__(self, root: Path, keyframes: list[Keyframe]) -> None:
        folders = {keyframe_name(key): keyframe_folder(root, key) for key in keyframes}
        images = {name: _image_file(folder, 'Left_Image') for name, folder in folders.items()}
        require_masks(images, root, 'Left_Image.png', 'image')
        require_masks({n: folder / _DEPTH for n, folder in folders.items()}, root, _DEPTH, 'depth map')
        super().__init__(folders, None)

    def right_image(self, index: int) -> np.ndarray:
        """Return what the right camera sees, (H, W, 3) uint8 RGB."""
        return read_image(_image_file(self._entries[index], 'Right_Image'))

    def stereo_camera(self, index: int) -> StereoCamera:
        """Return both cameras of a frame."""
        height, width = read_image(_image_file(self._entries[index], 'Left_Image')).shape[:2]
        return keyframe_calibration(self._entries[index], (width, height))

    def _read(self, name: str, entry: Path) -> LabelledFrame:
        image = read_image(_image_file(entry, 'Left_Image'))
        height, width = image.shape[:2]
        depth = depth_of_points(read_points(entry / _DEPTH, (height, width)))
        return LabelledFrame(name, image, depth=depth, camera=keyframe_calibration(entry, (width, height)).left)


def keyframe_name(key: Keyframe) -> str:
    """Return a keyframe's name, such as ``dataset_8/keyframe_0``."""
    return f'dataset_{key[0]}/keyframe_{key[1]}'


def keyframe_folder(root: Path, key: Keyframe) -> Path:
    """Return a keyframe's folder; AF-SfMLearner's layout counts the keyframes of data sets 8 and 9 from 1.

    :raises DatasetError: it is not there
    """
    number, keyframe = key
    names = [f'{part}dataset{mark}{number}' for part in ('', 'train/', 'test/') for mark in ('_', '')]
    dataset = first_folder(root, *names)
    if dataset is not None and number in COUNTED_FROM_ZERO and _is_renumbered(dataset):
        keyframe += 1
    folder = dataset and first_folder(dataset, f'keyframe_{keyframe}', f'keyframe{keyframe}')
    if folder is None:
        raise DatasetError(f"'{root}' must have a folder {keyframe_name(key)} with Left_Image.png; unpack its archive")
    return folder


def _is_renumbered(dataset: Path) -> bool:
    return any((keyframe / AF_LEFT).is_dir() for keyframe in dataset.iterdir())


def _image_file(keyframe: Path, name: str) -> Path:
    """Return the file of a keyframe's image, whatever its type; by default what was published."""
    return by_stem(list_files(keyframe, IMAGES)).get(name, keyframe / f'{name}.png')


@lru_cache(maxsize=64)
def keyframe_calibration(folder: Path, size: tuple[int, int]) -> StereoCamera:
    """Read a keyframe's calibration, once."""
    return read_scared_calibration(folder / CALIBRATION, size)


def read_points(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Read an image of points, (H, W, 3) float32 millimetres, Z first.

    :raises DatasetError: it is missing, damaged, or of another size or type
    """
    if not path.is_file():
        raise DatasetError(f"depth map '{path}' does not exist")
    try:
        points = decode_picture(path.read_bytes(), cv2.IMREAD_UNCHANGED)
    except (OSError, LargePictureError) as error:
        raise DatasetError(f"depth map '{path}' cannot be read: {error}") from error
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
