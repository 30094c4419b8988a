"""Train saliency over time, by the stages of ASTO: ``mt3dnet train-saliency --config recipe.yaml key=value ...``."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import torch

from mt3dnet_ros.training.recipe_values import add_recipe_arguments, describe_fields

from .recipe import AstoRecipe, read_asto_recipe
from .run import Run


def train_saliency(recipe: AstoRecipe) -> Path:
    """Train, and return the path of the last stage's checkpoint.

    :raises DatasetError: the data folder is not laid out as it must be, or there are no saliency maps
    """
    # A resumed run writes its log on.
    warnings.filterwarnings('ignore', '.*Experiment logs directory .* exists and is not empty.*')
    torch.set_num_threads(recipe.threads)
    torch.set_flush_denormal(True)  # denormal numbers are a hundred times slower on a CPU
    return Run(recipe).run()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``mt3dnet train-saliency``."""
    description = (
        'Train ST-MTL, or the saliency branch of MT3DNet, by the stages of ASTO. Example:\n'
        '  mt3dnet train-saliency --config config/train/saliency_rendered.yaml data=DIR saliency=MAPS output=RUN'
    )
    add_recipe_arguments(parser, description, describe_fields(AstoRecipe))


def run(arguments: argparse.Namespace) -> int:
    """Train and print where the checkpoint lies."""
    path = train_saliency(read_asto_recipe(arguments.config, arguments.overrides))
    print(f'checkpoint: {path}')
    return 0
