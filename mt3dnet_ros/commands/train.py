"""Train MT3DNet by a recipe: ``mt3dnet train --config recipe.yaml key=value ...``."""

from __future__ import annotations

import argparse

from mt3dnet_ros.commands.arguments import add_recipe_arguments
from mt3dnet_ros.errors import MissingExtraError, needs_extra


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    description = (
        'Train MT3DNet by a recipe. Example:\n'
        '  mt3dnet train --config config/train/rendered_endoscope.yaml data=rendered output=runs/endoscope'
    )
    add_recipe_arguments(parser, description, keys_of_recipe())


def keys_of_recipe(name: str = 'Recipe') -> str:
    """Return what is said of the keys of a recipe, or how to see that where PyTorch is not installed.

    :param name: of its class
    """
    try:
        from mt3dnet_ros.training import recipe_file
    except ModuleNotFoundError as error:
        return (
            f'the keys of a recipe are shown where PyTorch is installed ({MissingExtraError(str(error.name), "train")})'
        )
    return recipe_file.describe_keys(getattr(recipe_file, name))


def run(arguments: argparse.Namespace) -> int:
    """Train and print where the checkpoint lies."""
    with needs_extra('train'):
        from lightning.pytorch.utilities import rank_zero_only

    from mt3dnet_ros.training.recipe_file import read_recipe
    from mt3dnet_ros.training.train import train

    path = train(read_recipe(arguments.config, arguments.overrides))
    rank_zero_only(print)(f'checkpoint: {path}')
    return 0
