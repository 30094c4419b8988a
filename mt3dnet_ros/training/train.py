"""Train a network by a recipe, of either kind."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.models.tasks import tasks_of
from mt3dnet_ros.perception.device import DeviceError, choose_device
from mt3dnet_ros.training.monitoring.callbacks import StepsBar, TrainingPlots
from mt3dnet_ros.training.monitoring.log import build_loggers
from mt3dnet_ros.training.monitoring.pictures import SamplePictures

from .asto.data import WindowData
from .asto.module import AstoModule
from .asto.recipe import AstoRecipe
from .data import TrainingData
from .milestones import Milestones, steps_done
from .module import TrainingModule
from .recipe import CommonRecipe, Recipe, RecipeError
from .recipe_module import RecipeModule

with needs_extra('train'):
    from lightning.pytorch import Callback, LightningDataModule, Trainer, seed_everything
    from lightning.pytorch.accelerators import AcceleratorRegistry

_GPUS = ('cuda', 'gpu')


def train(recipe: CommonRecipe) -> Path:
    """Train, and return the path of the exported checkpoint, the last one where there are several.

    :raises DatasetError: the data folder is not laid out as it must be
    :raises CheckpointError: the initial checkpoint cannot be used
    :raises RecipeError: the state to resume from, or what the recipe trains, does not fit it
    """
    _ignore_warnings()
    seed_everything(recipe.seed, workers=True, verbose=False)
    torch.set_num_threads(recipe.threads)
    # Denormal numbers, which dying activations produce, are a hundred times slower on a CPU.
    torch.set_flush_denormal(True)
    output = Path(recipe.output)
    pictures = [SamplePictures(output)] if isinstance(recipe, Recipe) else []
    trainer = build_trainer(recipe, output, *pictures, TrainingPlots(output))
    module, data = _build(recipe)
    trainer.fit(module, datamodule=data, ckpt_path=recipe.resume or None, weights_only=True)
    return module.checkpoint


def _build(recipe: CommonRecipe) -> tuple[RecipeModule, LightningDataModule]:
    """Return what a recipe trains, and on what."""
    if isinstance(recipe, AstoRecipe):
        stages = AstoModule(recipe)
        return stages, WindowData(recipe, stages.network.config)
    assert isinstance(recipe, Recipe)
    return TrainingModule(recipe), TrainingData(recipe)


def build_trainer(recipe: CommonRecipe, output: Path, *callbacks: Callback) -> Trainer:
    """Return a trainer that logs to ``log/`` (CSV and TensorBoard) and keeps ``last.ckpt`` to resume from."""
    accelerator, devices = _devices(recipe)
    return Trainer(
        accelerator=accelerator,
        devices=devices,
        num_nodes=recipe.nodes,
        strategy=_strategy(recipe),
        use_distributed_sampler=False,
        max_steps=recipe.total_steps,
        precision=recipe.lightning_precision,  # type: ignore[arg-type]
        val_check_interval=recipe.validate_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        log_every_n_steps=recipe.log_every,
        logger=build_loggers(output, steps_done(recipe)),
        callbacks=[StepsBar(refresh_rate=10), *callbacks, Milestones(recipe, output)],
        enable_checkpointing=False,
        enable_model_summary=False,
    )


def _strategy(recipe: CommonRecipe) -> str:
    if recipe.world_size == 1:
        return 'auto'
    # What is not trained, now or at all, gets no gradients, which plain DDP waits for in vain.
    whole = isinstance(recipe, Recipe) and set(recipe.tasks) == {task.name for task in tasks_of(recipe.network())}
    return 'ddp' if whole else 'ddp_find_unused_parameters_true'


def _devices(recipe: CommonRecipe) -> tuple[str, int | list[int]]:
    """Return accelerator and devices as Lightning has them.

    :raises RecipeError: there is no such device
    """
    kind, _, index = recipe.accelerator.partition(':')
    known = ('auto', 'gpu', *AcceleratorRegistry.available_accelerators())
    try:
        if kind not in known or (index and kind not in _GPUS):
            raise DeviceError(f"'{recipe.accelerator}' is unknown (known: auto, cpu, gpu, cuda:<index>)")
        if kind in _GPUS:
            choose_device(f'cuda:{index or 0}')
    except DeviceError as error:
        raise RecipeError(f"recipe key 'accelerator': {error}") from error
    return kind, [int(index)] if index else recipe.processes


def _ignore_warnings() -> None:
    # A worker per core is advised whatever the cores are doing; the recipe's choice was measured.
    warnings.filterwarnings('ignore', '.*does not have many workers.*')
    # Averaged and frozen networks always evaluate.
    warnings.filterwarnings('ignore', '.*in eval mode at the start of training.*')
    # The order of frames follows from the step, and the log is written on.
    warnings.filterwarnings('ignore', '.*your dataloader is not resumable.*')
    warnings.filterwarnings('ignore', '.*Experiment logs directory .* exists and is not empty.*')
