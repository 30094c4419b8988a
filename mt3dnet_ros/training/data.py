"""The data that a recipe names, as Lightning wants it."""

from __future__ import annotations

from typing import Any

from torch.utils.data import DataLoader, Subset

from mt3dnet_ros.datasets.frames import FrameSet
from mt3dnet_ros.datasets.numbering import Renumbered
from mt3dnet_ros.datasets.registry import open_frames
from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.training.augmentation.augment import FrameTransform

from .milestones import steps_done
from .recipe import CommonRecipe, Recipe
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
        folders = (recipe.data, *recipe.further_data)
        self.train = JoinedSamples([self._samples(folder, recipe.train_split) for folder in folders])
        self.val = self._samples(recipe.data, recipe.val_split) if recipe.val_split else None

    def train_dataloader(self) -> DataLoader[Any]:
        """Return augmented batches of the steps that are left."""
        recipe = self.recipe
        transform = FrameTransform(
            recipe.network(), True, _TRAIN_LABEL_STRIDE, recipe.zoom, recipe.inside, recipe.appearance, recipe.roll,
            recipe.white_balance, recipe.overexposure, recipe.surround, recipe.nothing,
        )  # fmt: skip
        sampler = StepSampler(
            len(self.train), recipe.batch_size, recipe.steps, recipe.seed, steps_done(recipe), self._rank,
            recipe.world_size,
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
        share = Subset(self.val, picked[self._rank :: self.recipe.world_size])
        return DataLoader(share, self.recipe.batch_size // self.recipe.world_size, collate_fn=transform)

    @property
    def _rank(self) -> int:
        return self.trainer.global_rank if self.trainer else 0

    def _samples(self, folder: str, split: str) -> TrainingSamples:
        recipe = self.recipe
        return TrainingSamples(open_split(recipe, folder, split, recipe.taxonomy, recipe.depth), recipe.frame_size)


def open_split(recipe: CommonRecipe, folder: str, split: str, taxonomy: str, depth: str = '') -> FrameSet:
    """Return the frames of a split of the recipe's data set, with their types numbered as the network has them.

    :param depth: folder of maps that become the frames' depth; empty for none
    :raises DatasetError: the folder is not laid out as it must be
    """
    frames = open_frames(recipe.dataset, folder, split, depth=depth or None)
    wanted = load_taxonomy(taxonomy)
    renumbered = frames.taxonomy is not None and frames.taxonomy.names != wanted.names
    return Renumbered(frames, wanted) if renumbered else frames
