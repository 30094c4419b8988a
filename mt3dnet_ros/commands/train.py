"""Train MT3DNet by a recipe: ``mt3dnet train --config recipe.yaml key=value ...``."""

from __future__ import annotations

import argparse

from mt3dnet_ros.commands.arguments import add_recipe_arguments
from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.training.recipe_file import describe_keys, read_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    description = (
        'Train MT3DNet by a recipe. Example:\n'
        '  mt3dnet train --config config/train/rendered_endoscope.yaml data=rendered output=runs/endoscope'
    )
    add_recipe_arguments(parser, description, describe_keys())


def run(arguments: argparse.Namespace) -> int:
    """Train and print where the checkpoint lies."""
    with needs_extra('train'):
        from lightning.pytorch.utilities import rank_zero_only

    from mt3dnet_ros.training.train import train

    path = train(read_recipe(arguments.config, arguments.overrides))
    rank_zero_only(print)(f'checkpoint: {path}')
    return 0
