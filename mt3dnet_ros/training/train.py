"""Train MT3DNet by a recipe: ``mt3dnet train --config recipe.yaml key=value ...``."""

from __future__ import annotations

import argparse
import json
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer, seed_everything
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.utilities import rank_zero_only

from mt3dnet_ros.models.tasks import tasks_of
from mt3dnet_ros.perception.checkpoint import save_checkpoint
from mt3dnet_ros.training.monitoring.callbacks import StepsBar, TrainingPlots
from mt3dnet_ros.training.monitoring.log import build_loggers
from mt3dnet_ros.training.monitoring.pictures import SamplePictures

from .data import TrainingData, steps_done
from .module import TrainingModule
from .recipe import Recipe
from .recipe_file import describe_keys, read_recipe
from .recipe_values import add_recipe_arguments

CHECKPOINT_NAME = 'mt3dnet.safetensors'
_PATHS = ('data', 'depth', 'further_data', 'initial', 'output', 'pretrained', 'resume')


class Export(Callback):
    """Write the averaged network as a checkpoint after every validation; without any, at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_validation_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Export with the scores just measured."""
        scores = {name: round(value, 5) for name, value in pl_module.scores().items()}
        self._export(trainer, pl_module, {'scores': json.dumps(scores)})

    def on_train_end(self, trainer: Trainer, pl_module: Any) -> None:
        """Export what was trained without a validation."""
        if not pl_module.recipe.val_split:
            self._export(trainer, pl_module, {})

    def _export(self, trainer: Trainer, pl_module: Any, metadata: dict[str, str]) -> None:
        if trainer.is_global_zero:
            recipe = json.dumps(_without_paths(pl_module.recipe))
            metadata |= {'recipe': recipe, 'step': str(trainer.global_step)}
            save_checkpoint(self.path, pl_module.average, pl_module.average.config, metadata)


def _without_paths(recipe: Recipe) -> dict[str, Any]:
    return {key: value for key, value in asdict(recipe).items() if key not in _PATHS}


def train(recipe: Recipe) -> Path:
    """Train, and return the path of the exported checkpoint.

    :raises DatasetError: the data folder is not laid out as it must be
    """
    # A worker per core is advised whatever the cores are doing; the recipe's choice was measured.
    warnings.filterwarnings('ignore', '.*does not have many workers.*')
    # The averaged network always evaluates.
    warnings.filterwarnings('ignore', '.*in eval mode at the start of training.*')
    # The order of frames follows from the step, and the log is written on.
    warnings.filterwarnings('ignore', '.*your dataloader is not resumable.*')
    warnings.filterwarnings('ignore', '.*(Experiment logs|Checkpoint) directory .* exists and is not empty.*')
    seed_everything(recipe.seed, workers=True, verbose=False)
    torch.set_num_threads(recipe.threads)
    # Denormal numbers, which dying activations produce, are a hundred times slower on a CPU.
    torch.set_flush_denormal(True)
    output = Path(recipe.output)
    checkpoint = output / CHECKPOINT_NAME
    trainer = build_trainer(recipe, output, Export(checkpoint), SamplePictures(output), TrainingPlots(output))
    module = TrainingModule(recipe)
    data = TrainingData(recipe)
    trainer.fit(module, datamodule=data, ckpt_path=recipe.resume or None, weights_only=True)
    if recipe.val_split and recipe.steps % recipe.validate_every:
        trainer.validate(module, datamodule=data, verbose=False)  # it exports, so the last steps are not lost
    return checkpoint


def build_trainer(recipe: Recipe, output: Path, *callbacks: Callback) -> Trainer:
    """Return a trainer that logs to ``log/`` (CSV and TensorBoard) and keeps ``last.ckpt`` to resume from."""
    state = ModelCheckpoint(
        output, filename='last', every_n_train_steps=recipe.validate_every, enable_version_counter=False
    )
    return Trainer(
        accelerator=recipe.accelerator,
        devices=recipe.processes,
        num_nodes=recipe.nodes,
        strategy=_strategy(recipe),
        use_distributed_sampler=False,
        max_steps=recipe.steps,
        precision=recipe.precision,  # type: ignore[arg-type]
        val_check_interval=recipe.validate_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        log_every_n_steps=recipe.log_every,
        logger=build_loggers(output, steps_done(recipe)),
        callbacks=[state, StepsBar(refresh_rate=10), *callbacks],
        enable_model_summary=False,
    )


def _strategy(recipe: Recipe) -> str:
    if recipe.processes * recipe.nodes == 1:
        return 'auto'
    # Heads of tasks that are not trained get no gradients, which plain DDP waits for in vain.
    whole = set(recipe.tasks) == {task.name for task in tasks_of(recipe.network())}
    return 'ddp' if whole else 'ddp_find_unused_parameters_true'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``mt3dnet train``."""
    description = (
        'Train MT3DNet by a recipe. Example:\n'
        '  mt3dnet train --config config/train/rendered_endoscope.yaml data=rendered output=runs/endoscope'
    )
    add_recipe_arguments(parser, description, describe_keys())


def run(arguments: argparse.Namespace) -> int:
    """Train and print where the checkpoint lies."""
    path = train(read_recipe(arguments.config, arguments.overrides))
    rank_zero_only(print)(f'checkpoint: {path}')
    return 0
