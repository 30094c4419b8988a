"""The videos of SCARED: each keyframe's depth moved along with the camera by the robot's kinematics."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.files import first_folder, numbered_files, read_image
from mt3dnet_ros.datasets.frames import DatasetError, LabelledFrame, ListedFrames
from mt3dnet_ros.datasets.scared.keyframes import (
    Keyframe,
    depth_of_points,
    keyframe_calibration,
    keyframe_folder,
    keyframe_name,
    read_points,
)
from mt3dnet_ros.datasets.scared.stacked_video import StackedVideo
from mt3dnet_ros.geometry.stereo import StereoCamera

_UNPACK = 'unpack data/scene_points.tar.gz into data/scene_points'
_COUNTED_FROM_ZERO = (8, 9)  # data sets whose keyframes AF-SfMLearner renames to 1 to 5
_LINE = re.compile(r'dataset_?(\d+)/keyframe_?(\d+)\s+(\d+)(?:\s+([lr]))?')


class SequenceFrame(NamedTuple):
    """One frame of a keyframe's video: its number from 0 and the file of its points."""

    keyframe: Path
    number: int
    points: Path


class ScaredSequences(ListedFrames[SequenceFrame]):
    """Frames of videos with depth; images come from ``data/left`` and ``data/right``, or else from ``rgb.mp4``.

    :param wanted: keyframes, and of each the numbers of the frames, counted from 0; None for all
    :raises DatasetError: a keyframe, or a frame that is named, is missing
    """

    def __init__(self, root: Path, wanted: Mapping[Keyframe, list[int] | None]) -> None:
        entries = {}
        for key, numbers in wanted.items():
            folder = keyframe_folder(root, key)
            points = _list_points(folder)
            for number in points if numbers is None else numbers:
                if number not in points:
                    raise DatasetError(f"'{folder}' has no points of frame {number}; {_UNPACK}")
                name = f'{keyframe_name(key)}/frame{number:06d}'
                entries[name] = SequenceFrame(folder, number, points[number])
        super().__init__(entries, None)
        self._videos = {entry.keyframe: StackedVideo(entry.keyframe / 'data' / 'rgb.mp4') for entry in self._entries}

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
        camera = keyframe_calibration(entry.keyframe, (width, height)).left
        return LabelledFrame(name, image, depth=depth_of_points(points), camera=camera)

    def _image(self, entry: SequenceFrame, side: str) -> np.ndarray:
        extracted = entry.keyframe / 'data' / side / f'frame_data{entry.number:06d}.png'
        if extracted.is_file():
            return read_image(extracted)
        return self._videos[entry.keyframe].read(entry.number)[side == 'right']


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
        frames[dataset, int(match[2]) - (dataset in _COUNTED_FROM_ZERO)].append(int(match[3]) - 1)
    return dict(frames)


def _list_points(keyframe: Path) -> dict[int, Path]:
    """Return the files of points by their frames; none for the one keyframe that was released without a video."""
    data = keyframe / 'data'
    if not data.is_dir():
        return {}
    points = numbered_files(first_folder(data, 'scene_points') or data, r'scene_points(\d+)\.tiff')
    if not points:
        raise DatasetError(f"'{data}' has no scene_points000000.tiff; {_UNPACK}")
    return points
