"""Train saliency over time, by the stages of ASTO: ``mt3dnet train-saliency --config recipe.yaml key=value ...``."""

from __future__ import annotations

import argparse

from mt3dnet_ros.commands.arguments import add_recipe_arguments
from mt3dnet_ros.training.asto.recipe import AstoRecipe, read_asto_recipe
from mt3dnet_ros.training.recipe_values import describe_fields


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    description = (
        'Train ST-MTL, or the saliency branch of MT3DNet, by the stages of ASTO. Example:\n'
        '  mt3dnet train-saliency --config config/train/saliency_rendered.yaml data=DIR saliency=MAPS output=RUN'
    )
    add_recipe_arguments(parser, description, describe_fields(AstoRecipe))


def run(arguments: argparse.Namespace) -> int:
    """Train and print where the checkpoint lies."""
    from mt3dnet_ros.training.asto.train import train_saliency

    path = train_saliency(read_asto_recipe(arguments.config, arguments.overrides))
    print(f'checkpoint: {path}')
    return 0
