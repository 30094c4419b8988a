"""The videos of SCARED: each keyframe's depth moved along with the camera by the robot's kinematics."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.completeness import require_masks, warn_of_missing_frames
from mt3dnet_ros.datasets.files import read_image
from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.listing import first_folder, listed, numbered_files
from mt3dnet_ros.datasets.scared.keyframes import (
    AF_LEFT,
    AF_RIGHT,
    CALIBRATION,
    COUNTED_FROM_ZERO,
    Keyframe,
    depth_of_points,
    keyframe_calibration,
    keyframe_folder,
    keyframe_name,
    read_points,
)
from mt3dnet_ros.datasets.scared.stacked_video import StackedVideo
from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.stereo import StereoCamera

_UNPACK = 'unpack data/scene_points.tar.gz into data/scene_points'
_WITHOUT_VIDEO = ((1, 4),)  # keyframes that were released without a video
_LINE = re.compile(r'dataset_?(\d+)/keyframe_?(\d+)\s+(\d+)(?:\s+([lr]))?')


class SequenceFrame(NamedTuple):
    """One frame of a keyframe's video: its number from 0, the file of its points, and extracted images, if any."""

    keyframe: Path
    number: int
    points: Path
    left: Path | None
    right: Path | None


class ScaredSequences(ListedFrames[SequenceFrame]):
    """Frames of videos with depth; images come from ``data/left`` and ``data/right``, or else from ``rgb.mp4``.

    In AF-SfMLearner's layout they come from ``image_02/data``, and points from ``image_02/data/groundtruth``.

    :param wanted: keyframes, and of each the numbers of the frames, counted from 0; None for all
    :raises DatasetError: a keyframe, its video, or a frame that is named, is missing
    """

    def __init__(self, root: Path, wanted: Mapping[Keyframe, list[int] | None]) -> None:
        entries: dict[str, SequenceFrame] = {}
        found: dict[str, list[int]] = {}
        for key, numbers in wanted.items():
            frames = _list_frames(root, key, numbers)
            if frames and numbers is None:
                found[keyframe_name(key)] = list(frames)
            entries |= {f'{keyframe_name(key)}/frame{number:06d}': frame for number, frame in frames.items()}
        warn_of_missing_frames(found, root, lambda _: 0)
        super().__init__(entries, None)
        self._videos = {entry.keyframe: StackedVideo(_video(entry.keyframe)) for entry in self._entries}

    def right_image(self, index: int) -> np.ndarray:
        """Return what the right camera sees, (H, W, 3) uint8 RGB."""
        return self._image(self._entries[index], 'right')

    def stereo_camera(self, index: int) -> StereoCamera:
        """Return both cameras of a frame."""
        height, width = self._image(self._entries[index], 'left').shape[:2]
        return keyframe_calibration(self._entries[index].keyframe, (width, height))

    def _read(self, name: str, entry: SequenceFrame) -> LabelledFrame:
        image = self._image(entry, 'left')
        height, width = image.shape[:2]
        points = read_points(entry.points, (2 * height, width))[:height]
        return LabelledFrame(
            name, image, depth=depth_of_points(points), camera=_camera(entry.keyframe, (width, height))
        )

    def _image(self, entry: SequenceFrame, side: str) -> np.ndarray:
        extracted = entry.left if side == 'left' else entry.right
        if extracted is None:
            return self._videos[entry.keyframe].read(entry.number)[side == 'right']
        image = read_image(extracted)
        height, width = image.shape[:2]
        return image if height <= width else np.split(image, 2)[side == 'right']  # left over right, as in the video


def read_frame_list(path: Path) -> dict[Keyframe, list[int]]:
    """Read a list of frames as AF-SfMLearner publishes it, with lines such as ``dataset3/keyframe4 390 l``.

    There frames count from 1, and so do the keyframes of data sets 8 and 9; here both are as SCARED has them.

    :returns: the numbers of the frames, from 0, of each keyframe
    :raises DatasetError: the file is missing, or a line is of another form or names a right image
    """
    if not path.is_file():
        raise DatasetError(f"list of frames '{path}' does not exist")
    frames: defaultdict[Keyframe, list[int]] = defaultdict(list)
    for line in filter(None, map(str.strip, path.read_text('utf-8').splitlines())):
        match = _LINE.fullmatch(line)
        if match is None or match[4] == 'r' or int(match[3]) < 1:
            raise DatasetError(f"line {line!r} of '{path}' must be like 'dataset3/keyframe4 390 l' (frames from 1)")
        dataset = int(match[1])
        frames[dataset, int(match[2]) - (dataset in COUNTED_FROM_ZERO)].append(int(match[3]) - 1)
    return dict(frames)


def _list_frames(root: Path, key: Keyframe, numbers: list[int] | None) -> dict[int, SequenceFrame]:
    """Return the frames of a keyframe's video; none for the one that was released without."""
    folder = keyframe_folder(root, key)
    if not any((folder / name).is_dir() for name in ('data', AF_LEFT)):
        if key in _WITHOUT_VIDEO and numbers is None:
            return {}
        raise DatasetError(
            f"'{folder}' has neither data/ nor {AF_LEFT}/ with its video; fetch it, or take a split of keyframes"
        )
    points = _list_points(folder)
    wanted = list(points) if numbers is None else numbers
    if missing := [number for number in wanted if number not in points]:
        raise DatasetError(f"'{folder}' has no points of the frames {listed(missing)}; {_UNPACK}")
    left, right = (_extracted(folder, side) for side in ('left', 'right'))
    frames = {n: SequenceFrame(folder, n, points[n], left.get(n), right.get(n)) for n in wanted}
    if not _video(folder).is_file():
        require_masks({str(n): frame.left for n, frame in frames.items()}, folder, 'data/rgb.mp4', 'image')
    return frames


def _list_points(keyframe: Path) -> dict[int, Path]:
    """Return the files of points by their frames."""
    folder = first_folder(keyframe, 'data/scene_points', f'{AF_LEFT}/data/groundtruth', 'data', f'{AF_LEFT}/data')
    points = numbered_files(folder or keyframe, r'scene_points(\d+)', ('.tiff', '.tif'))
    if not points:
        raise DatasetError(f"'{folder or keyframe}' has no scene_points000000.tiff; {_UNPACK}")
    return points


def _extracted(keyframe: Path, side: str) -> dict[int, Path]:
    """Return the images that were taken out of the video, by their frames; AF-SfMLearner counts from 1."""
    if found := numbered_files(keyframe / 'data' / side, r'frame_data(\d+)'):
        return found
    named = numbered_files(keyframe / (AF_LEFT if side == 'left' else AF_RIGHT) / 'data', r'(\d+)')
    return {number - 1: path for number, path in named.items()}


def _video(keyframe: Path) -> Path:
    return keyframe / 'data' / 'rgb.mp4'


def _camera(keyframe: Path, size: tuple[int, int]) -> Camera | None:
    """Return the left camera; AF-SfMLearner's layout may have no calibration."""
    if (keyframe / AF_LEFT).is_dir() and not (keyframe / CALIBRATION).is_file():
        return None
    return keyframe_calibration(keyframe, size).left
