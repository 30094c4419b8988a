"""Train saliency over time, by the stages of ASTO: ``mt3dnet train-saliency --config recipe.yaml key=value ...``."""

from __future__ import annotations

import argparse

from lightning.pytorch.utilities import rank_zero_only

from mt3dnet_ros.training.recipe_file import add_recipe_arguments, describe_keys, read_recipe
from mt3dnet_ros.training.train import train

from .recipe import AstoRecipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``mt3dnet train-saliency``."""
    description = (
        'Train ST-MTL, or the saliency branch of MT3DNet, by the stages of ASTO. Example:\n'
        '  mt3dnet train-saliency --config config/train/saliency_rendered.yaml data=DIR saliency=MAPS output=RUN'
    )
    add_recipe_arguments(parser, description, describe_keys(AstoRecipe))


def run(arguments: argparse.Namespace) -> int:
    """Train and print where the checkpoint lies."""
    path = train(read_recipe(arguments.config, arguments.overrides, AstoRecipe))
    rank_zero_only(print)(f'checkpoint: {path}')
    return 0
