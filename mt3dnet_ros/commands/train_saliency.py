"""Train saliency over time, by the stages of ASTO: ``mt3dnet train-saliency --config recipe.yaml key=value ...``."""

from __future__ import annotations

import argparse

from mt3dnet_ros.commands.arguments import add_recipe_arguments
from mt3dnet_ros.commands.train import keys_of_recipe
from mt3dnet_ros.errors import needs_extra


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    description = (
        'Train ST-MTL, or the saliency branch of MT3DNet, by the stages of ASTO. Example:\n'
        '  mt3dnet train-saliency --config config/train/saliency_rendered.yaml data=DIR saliency=MAPS output=RUN'
    )
    add_recipe_arguments(parser, description, keys_of_recipe('AstoRecipe'))


def run(arguments: argparse.Namespace) -> int:
    """Train and print where the checkpoint lies."""
    with needs_extra('train'):
        from lightning.pytorch.utilities import rank_zero_only

    from mt3dnet_ros.training.asto.recipe import AstoRecipe
    from mt3dnet_ros.training.recipe_file import read_recipe
    from mt3dnet_ros.training.train import train

    path = train(read_recipe(arguments.config, arguments.overrides, AstoRecipe))
    rank_zero_only(print)(f'checkpoint: {path}')
    return 0
