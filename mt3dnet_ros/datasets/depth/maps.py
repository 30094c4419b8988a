"""Prepared depth maps on disk, and data sets that take their depth from them.

Layout, per frame; a frame's name may hold folders::

    DIR/<name>.tiff             (H, W) float32, metres along the optical axis, 0 where unknown
    DIR/<name>.confidence.png   (H, W) uint8, 0 for no confidence, 255 for full confidence
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import DatasetError, FrameSet, LabelledFrame, MappedFrames
from mt3dnet_ros.datasets.resumable import write_atomically
from mt3dnet_ros.errors import InputError
from mt3dnet_ros.media.codecs.picture_decoder import LargePictureError, decode_picture

_LZW = (cv2.IMWRITE_TIFF_COMPRESSION, 5)
_REMEDY = 'write it with `mt3dnet prepare-depth`'


class DepthMapError(DatasetError):
    """A prepared depth map is missing or damaged."""


def depth_path(folder: str | Path, name: str) -> Path:
    """Return where the depth of a frame lies."""
    return Path(folder) / f'{name}.tiff'


def confidence_path(folder: str | Path, name: str) -> Path:
    """Return where the confidence of a frame's depth lies."""
    return Path(folder) / f'{name}.confidence.png'


def write_depth(folder: str | Path, name: str, depth: np.ndarray, confidence: np.ndarray) -> None:
    """Write a frame's depth and confidence.

    :param depth: (H, W) metres, 0 where unknown
    :param confidence: (H, W) uint8
    :raises ValueError: the two are not of one size
    """
    if depth.shape != confidence.shape:
        raise InputError(f"depth {depth.shape} and confidence {confidence.shape} of '{name}' must be of one size")
    _write(confidence_path(folder, name), confidence.astype(np.uint8, copy=False))
    _write(depth_path(folder, name), depth.astype(np.float32, copy=False), _LZW)


def read_depth(folder: str | Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Read a frame's depth and confidence: the inverse of ``write_depth``.

    :returns: (H, W) float32 metres, 0 where unknown; (H, W) uint8
    :raises DepthMapError: a file is missing or damaged, or the two are not of one size
    """
    depth = _read(depth_path(folder, name), 'float32')
    confidence = _read(confidence_path(folder, name), 'uint8')
    if depth.shape != confidence.shape:
        raise DepthMapError(
            f"'{depth_path(folder, name)}' has shape {depth.shape}, its confidence {confidence.shape}; {_REMEDY}"
        )
    return depth, confidence


def has_depth(folder: str | Path, name: str, shape: tuple[int, int]) -> bool:
    """Return whether a frame's depth and confidence are there, whole and of a size (rows, columns)."""
    try:
        return read_depth(folder, name)[0].shape == shape
    except DepthMapError:
        return False


class FramesWithPreparedDepth(MappedFrames):
    """Frames of a data set whose depth is that of maps which ``mt3dnet prepare-depth`` made for them.

    :param depth: folder with ``<frame's name>.tiff``
    """

    def __init__(self, frames: FrameSet, depth: str | Path) -> None:
        super().__init__(frames)
        self._folder = Path(depth)

    def _map(self, frame: LabelledFrame) -> LabelledFrame:
        depth, _ = read_depth(self._folder, frame.name)
        if depth.shape != frame.image.shape[:2]:
            raise DatasetError(
                f"depth of '{frame.name}' in '{self._folder}' has shape {depth.shape}, its image "
                f'{frame.image.shape[:2]}; prepare it from the same data set'
            )
        return replace(frame, depth=depth)


def _write(path: Path, array: np.ndarray, options: tuple[int, ...] = ()) -> None:
    encoded, content = cv2.imencode(path.suffix, array, options)
    if not encoded:
        raise InputError(f"array of shape {array.shape} cannot be written to '{path}'")
    write_atomically(path, content.tobytes())


def _read(path: Path, dtype: str) -> np.ndarray:
    if not path.is_file():
        raise DepthMapError(f"'{path}' is missing; {_REMEDY}")
    try:
        array = decode_picture(path.read_bytes(), cv2.IMREAD_UNCHANGED)
    except (OSError, LargePictureError) as error:
        raise DepthMapError(f"'{path}' cannot be read: {error}") from error
    if array is None:
        raise DepthMapError(f"'{path}' cannot be decoded; {_REMEDY}")
    if array.ndim != 2 or array.dtype != np.dtype(dtype):
        raise DepthMapError(f"'{path}' has shape {array.shape} of {array.dtype}, it must be (H, W) of {dtype}")
    return array
