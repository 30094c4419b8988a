"""What the Lightning modules of all recipes share: scores of a validation, and the checkpoint that is exported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.models.st_mtl.st_mtl import STMTL
from mt3dnet_ros.perception.checkpoint import save_checkpoint
from mt3dnet_ros.training.monitoring.scores import Score

from .recipe import CommonRecipe

with needs_extra('train'):
    from lightning.pytorch import LightningModule


class RecipeModule(LightningModule):
    """A module that trains a network by a recipe."""

    recipe: CommonRecipe

    def __init__(self, recipe: CommonRecipe) -> None:
        super().__init__()
        self.recipe = recipe
        self._scores: Sequence[Score] = ()

    @property
    def exported(self) -> MT3DNet | STMTL:
        """The network that is validated, and written to checkpoints."""
        raise NotImplementedError

    @property
    def checkpoint(self) -> Path:
        """Where the network is written now."""
        raise NotImplementedError

    def start_scores(self) -> Sequence[Score]:
        """Return what the next validation measures."""
        raise NotImplementedError

    def progress(self) -> dict[str, str]:
        """Return how far the run has come, as checkpoints and people are told."""
        return {'step': str(self.global_step)}

    def origin(self) -> dict[str, str]:
        """Return what a checkpoint tells beside recipe, progress and scores."""
        return {}

    def on_validation_epoch_start(self) -> None:
        """Forget the scores of the validation before."""
        self._scores = self.start_scores()

    def on_validation_epoch_end(self) -> None:
        """Join the counts of all processes, log and print the scores."""
        for score in self._scores:
            score.counts = self.trainer.strategy.reduce(score.counts.to(self.device), reduce_op='sum').cpu()
        scores = self.scores()
        self.log_dict(scores, sync_dist=True)
        progress = ', '.join(f'{name} {value}' for name, value in self.progress().items())
        self.print(f'{progress}: ' + '  '.join(f'{name} {value:.4f}' for name, value in scores.items()))

    def scores(self) -> dict[str, float]:
        """Return the scores of the last validation."""
        return {name: value for score in self._scores for name, value in score.results().items()}

    def export(self) -> None:
        """Write the network with its recipe, progress and scores."""
        scores = {name: round(value, 5) for name, value in self.scores().items()}
        metadata = {'recipe': json.dumps(self.recipe.without_paths()), 'scores': json.dumps(scores)}
        network = self.exported
        save_checkpoint(self.checkpoint, network, network.config, metadata | self.progress() | self.origin())

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Note the stages of the run and its place there, so that it is not resumed as another one."""
        checkpoint['stages'] = list(self.recipe.stage_names)
        checkpoint['place'] = list(self.recipe.place(self.global_step))
