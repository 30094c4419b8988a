"""Windows of consecutive frames with their saliency."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import torch
from torch import Tensor
from torch.utils.data import Dataset

from mt3dnet_ros.datasets.frames import DatasetError, FrameSet
from mt3dnet_ros.datasets.saliency.files import read_saliency, saliency_path
from mt3dnet_ros.datasets.sequences import find_sequences, windows
from mt3dnet_ros.training.samples import Draw, to_sample


class Window(NamedTuple):
    """T consecutive frames as stored.

    :param images: (T, H, W, 3) uint8 RGB
    :param types: (T, H, W) uint8; ``IGNORED`` where unlabelled
    :param saliency: (T, H, W) uint8, 255 at its highest
    """

    images: Tensor
    types: Tensor
    saliency: Tensor


class WindowSet(Dataset[tuple[Window, int]]):
    """All windows of frames that follow one another and have a saliency map; windows of one are single frames.

    :param frames: of a split
    :param saliency: folder of the maps
    :param length: frames in a window
    :param size: height and width to which frames are brought; 0, 0 keeps them
    :raises DatasetError: there is no such window
    """

    def __init__(self, frames: FrameSet, saliency: Path, length: int, size: tuple[int, int] = (0, 0)) -> None:
        self.frames, self.saliency, self.size = frames, saliency, size
        attended = [index for index, name in enumerate(frames.names) if saliency_path(saliency, name).is_file()]
        found = windows(find_sequences(frames.names[index] for index in attended), length)
        self.windows = tuple(tuple(attended[place] for place in window) for window in found)
        if not self.windows:
            raise DatasetError(
                f"of {len(frames)} frames, no {length} in a row have saliency maps in '{saliency}'; write them with "
                '`mt3dnet make-saliency`'
            )

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, draw: Draw | int) -> tuple[Window, int]:
        """Return a window, and the seed of its batch."""
        index, seed = draw if isinstance(draw, Draw) else (draw, 0)
        read = zip(*(self._read(frame) for frame in self.windows[index]), strict=True)
        return Window(*(torch.stack(values) for values in read)), seed

    def _read(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        frame = self.frames[index]
        stored = read_saliency(self.saliency, frame.name, frame.image.shape)
        sample = to_sample(frame, self.size)
        height, width = sample.image.shape[:2]
        saliency = cv2.resize(stored, (width, height), interpolation=cv2.INTER_AREA)
        return sample.image, sample.labels[0], torch.from_numpy(saliency)
