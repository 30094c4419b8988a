"""Windows of consecutive frames with their saliency, and the loaders of a stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset

from mt3dnet_ros.datasets.frames import DatasetError, FrameSet
from mt3dnet_ros.datasets.numbering import Renumbered
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.datasets.saliency.files import read_saliency, saliency_path
from mt3dnet_ros.datasets.sequences import find_sequences, windows
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.samples import Draw, StepSampler, to_sample

from .recipe import AstoRecipe
from .stages import Stage
from .window_transform import SeededWindows, WindowTransform


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


class StageData:
    """The splits of a recipe as a stage wants them.

    :raises DatasetError: the data folder is not laid out as it must be, or there are no saliency maps
    """

    def __init__(self, recipe: AstoRecipe, stage: Stage, transform: WindowTransform) -> None:
        self.recipe, self.transform = recipe, transform
        self.length = recipe.window if stage.over_time else 1
        self.batch = recipe.batch_windows if stage.over_time else recipe.batch_size
        self.train = self._windows(recipe.train_split)
        self.val = self._windows(recipe.val_split) if recipe.val_split else None

    def train_loader(self, steps: int, seed: int, start: int = 0) -> DataLoader[Any]:
        """Return augmented batches of the steps from ``start``, which are the same whenever they are drawn."""
        sampler = StepSampler(len(self.train), self.batch, steps, seed, start)
        collate, workers = SeededWindows(self.transform), self.recipe.workers
        return DataLoader(self.train, batch_sampler=sampler, collate_fn=collate, num_workers=workers)

    def val_loader(self) -> DataLoader[Any] | list[Any]:
        """Return windows of whole frames, evenly picked; none without a split for it."""
        if self.val is None:
            return []
        step = max(1, len(self.val) // self.recipe.validation_windows)
        picked = range(0, len(self.val), step)[: self.recipe.validation_windows]
        return DataLoader(Subset(self.val, picked), self.batch, collate_fn=SeededWindows(self.transform.plain()))

    def _windows(self, split: str) -> WindowSet:
        recipe, wanted = self.recipe, load_taxonomy(self.transform.taxonomy)
        frames = open_frames(recipe.dataset, recipe.data, split)
        if frames.taxonomy is not None and frames.taxonomy.names != wanted.names:
            frames = Renumbered(frames, wanted)
        return WindowSet(frames, Path(recipe.saliency or recipe.data), self.length, recipe.frame_size)
