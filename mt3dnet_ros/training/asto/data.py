"""The windows that the stages of a recipe are trained and validated on, as Lightning wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader, Dataset, Sampler

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.st_mtl.config import STMTLConfig
from mt3dnet_ros.training.data import open_split
from mt3dnet_ros.training.milestones import steps_done
from mt3dnet_ros.training.samples import Draw, SeededTransform, StepSampler, step_seed

from .recipe import AstoRecipe
from .window_transform import WindowTransform
from .windows import Window, WindowSet

with needs_extra('train'):
    from lightning.pytorch import LightningDataModule

WindowDraw = tuple[int, Draw]  # frames in the window, and which window of those that have so many


class WindowData(LightningDataModule):
    """Loaders that follow a run from stage to stage.

    :param config: of the network: its taxonomy, input size and normalisation
    :raises DatasetError: the data folder is not laid out as it must be, or there are no saliency maps
    """

    def __init__(self, recipe: AstoRecipe, config: MT3DNetConfig | STMTLConfig) -> None:
        super().__init__()
        self.recipe = recipe
        self.transform = WindowTransform(config, recipe.views, recipe.zoom, recipe.inside, recipe.appearance)
        self.train = self._windows(recipe.train_split)
        self.val = self._windows(recipe.val_split) if recipe.val_split else None

    def train_dataloader(self) -> DataLoader[Any]:
        """Return augmented batches of the steps that are left."""
        return DataLoader(
            self.train,
            batch_sampler=_TrainBatches(self._train_batches, self.recipe.total_steps),
            collate_fn=SeededTransform(self.transform),
            num_workers=self.recipe.workers,
        )

    def val_dataloader(self) -> DataLoader[Any] | list[Any]:
        """Return this process's share of whole frames, evenly picked; none without a split for it."""
        if self.val is None:
            return []
        collate = SeededTransform(self.transform.plain())
        return DataLoader(self.val, batch_sampler=_Batches(self._val_batches), collate_fn=collate)

    def _train_batches(self) -> Iterator[list[WindowDraw]]:
        recipe = self.recipe
        first = recipe.place(steps_done(recipe))
        for stage in range(first.stage, len(recipe.stages)):
            length = recipe.window_length(stage)
            sampler = StepSampler(
                len(self.train.sets[length]), recipe.windows_per_step(stage), recipe.steps[stage],
                step_seed(recipe.seed, stage, 0), first.step if stage == first.stage else 0, self._rank,
                recipe.world_size,
            )  # fmt: skip
            for batch in sampler:
                yield [(length, draw) for draw in batch]

    def _val_batches(self) -> Iterator[list[WindowDraw]]:
        """Yield batches of the stage whose last step was just made."""
        recipe, done = self.recipe, self.trainer.global_step if self.trainer else 0
        stage = recipe.place(max(0, done - 1)).stage
        length, size = recipe.window_length(stage), recipe.windows_per_step(stage) // recipe.world_size
        assert self.val is not None
        count = len(self.val.sets[length])
        picked = range(0, count, max(1, count // recipe.validation_windows))[: recipe.validation_windows]
        share = [(length, Draw(index, 0)) for index in picked[self._rank :: recipe.world_size]]
        for start in range(0, len(share), size):
            yield share[start : start + size]

    @property
    def _rank(self) -> int:
        return self.trainer.global_rank if self.trainer else 0

    def _windows(self, split: str) -> WindowsByLength:
        recipe = self.recipe
        frames = open_split(recipe, recipe.data, split, self.transform.taxonomy)
        folder = Path(recipe.saliency or recipe.data)
        lengths = {recipe.window_length(stage) for stage in range(len(recipe.stages))}
        return WindowsByLength({length: WindowSet(frames, folder, length, recipe.frame_size) for length in lengths})


class WindowsByLength(Dataset[tuple[Window, int]]):
    """Windows of several lengths.

    :param sets: by the number of frames in a window
    """

    def __init__(self, sets: Mapping[int, WindowSet]) -> None:
        self.sets = sets

    def __getitem__(self, draw: WindowDraw) -> tuple[Window, int]:
        """Return a window, and the seed of its batch."""
        length, which = draw
        return self.sets[length][which]


class _Batches(Sampler[list[WindowDraw]]):
    """Batches that are made when they are asked for; how many is not known before."""

    def __init__(self, make: Callable[[], Iterator[list[WindowDraw]]]) -> None:
        self.make = make

    def __iter__(self) -> Iterator[list[WindowDraw]]:
        return self.make()


class _TrainBatches(_Batches):
    """Batches of every step that is left of a number of steps."""

    def __init__(self, make: Callable[[], Iterator[list[WindowDraw]]], steps: int) -> None:
        super().__init__(make)
        self.steps = steps

    def __len__(self) -> int:
        return self.steps  # Lightning counts the steps that are done as fetched
