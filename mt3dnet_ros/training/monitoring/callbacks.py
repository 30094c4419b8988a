"""What accompanies a run: a progress bar, and its curves at the end."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from mt3dnet_ros.errors import InputError, MissingFileError, needs_extra

from .log import METRICS
from .plots import plot_training

with needs_extra('train'):
    from lightning.pytorch import Callback, Trainer
    from lightning.pytorch.callbacks import TQDMProgressBar


class StepsBar(TQDMProgressBar):
    """A bar over the steps of the run, whose loader does not tell its length."""

    @property
    def total_train_batches(self) -> int:
        """Steps of the whole run."""
        return self.trainer.max_steps


class TrainingPlots(Callback):
    """Draw ``curves.png`` into the run's folder at the end of training.

    :param output: the run's folder
    """

    def __init__(self, output: Path) -> None:
        self.output = output

    def teardown(self, trainer: Trainer, pl_module: Any, stage: str) -> None:
        """Draw once the loggers have written all there is."""
        if not trainer.is_global_zero:
            return
        for logger in trainer.loggers:
            logger.save()
        with suppress(MissingFileError, InputError):  # of a run that was too short to log anything
            plot_training(self.output / METRICS, self.output / 'curves.png')
