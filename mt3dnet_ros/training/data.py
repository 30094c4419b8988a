"""The data that a recipe names, as Lightning wants it."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils.data import DataLoader, Subset

from mt3dnet_ros.datasets.numbering import Renumbered
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.augmentation.augment import FrameTransform

from .recipe import Recipe
from .samples import JoinedSamples, SeededTransform, StepSampler, TrainingSamples

with needs_extra('train'):
    from lightning.pytorch import LightningDataModule

# Coarser labels halve the losses' cost twice, and the network's maps are coarser still.
_TRAIN_LABEL_STRIDE = 2


class TrainingData(LightningDataModule):
    """Loaders of a recipe's splits.

    :raises DatasetError: the data folder is not laid out as it must be
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.processes = recipe.processes * recipe.nodes
        folders = (recipe.data, *recipe.further_data)
        self.train = JoinedSamples([self._samples(folder, recipe.train_split) for folder in folders])
        self.val = self._samples(recipe.data, recipe.val_split) if recipe.val_split else None

    def train_dataloader(self) -> DataLoader[Any]:
        """Return augmented batches of the steps that are left."""
        recipe = self.recipe
        transform = FrameTransform(
            recipe.network(), True, _TRAIN_LABEL_STRIDE, recipe.zoom, recipe.inside, recipe.appearance
        )
        sampler = StepSampler(
            len(self.train), recipe.batch_size, recipe.steps, recipe.seed, steps_done(recipe), self._rank,
            self.processes,
        )  # fmt: skip
        return DataLoader(
            self.train,
            batch_sampler=sampler,
            collate_fn=SeededTransform(transform),
            num_workers=recipe.workers,
            persistent_workers=recipe.workers > 0,
        )

    def val_dataloader(self) -> DataLoader[Any] | list[Any]:
        """Return this process's share of whole frames, evenly picked, with labels at the input's resolution."""
        if self.val is None:
            return []
        step = max(1, len(self.val) // self.recipe.validation_frames)
        picked = range(0, len(self.val), step)[: self.recipe.validation_frames]
        transform = SeededTransform(FrameTransform(self.recipe.network(), False, 1))
        share = Subset(self.val, picked[self._rank :: self.processes])
        return DataLoader(share, self.recipe.batch_size // self.processes, collate_fn=transform)

    @property
    def _rank(self) -> int:
        return self.trainer.global_rank if self.trainer else 0

    def _samples(self, folder: str, split: str) -> TrainingSamples:
        recipe = self.recipe
        frames = open_frames(recipe.dataset, folder, split, depth=recipe.depth or None)
        wanted = load_taxonomy(recipe.taxonomy)
        if frames.taxonomy is not None and frames.taxonomy.names != wanted.names:
            frames = Renumbered(frames, wanted)
        return TrainingSamples(frames, recipe.frame_size)


def steps_done(recipe: Recipe) -> int:
    """Return the steps that the run to be resumed had done; 0 where a run starts anew."""
    if not recipe.resume:
        return 0
    return int(torch.load(recipe.resume, map_location='cpu', weights_only=True, mmap=True)['global_step'])
