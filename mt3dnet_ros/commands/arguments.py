"""Types of command-line arguments, and arguments that several commands share."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from mt3dnet_ros.datasets.registry import dataset_names
from mt3dnet_ros.resources import package_file


def user_path(text: str) -> Path:
    """Return a path as a user means it: a shell leaves the ~ of ``--output=~/out`` as it is."""
    return Path(os.path.expanduser(text))


def positive(text: str) -> int:
    """Return a whole number of at least 1.

    :raises argparse.ArgumentTypeError, ValueError: it is none
    """
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f'{number} must be at least 1')
    return number


def dataset_name(text: str) -> str:
    """Return the name of a data set, or ``package.module:function`` of a reader that is not registered.

    :raises argparse.ArgumentTypeError: it is neither
    """
    if text not in dataset_names() and ':' not in text:
        raise argparse.ArgumentTypeError(f'{text!r} is none of {describe_datasets()}')
    return text


def describe_datasets() -> str:
    """Return what may be given as a data set, for people."""
    return f'{", ".join(sorted(dataset_names()))}, or package.module:function of a reader of your own'


def recipe_path(text: str) -> Path:
    """Return the path of a recipe: of a file, or else of one that ships, by its name or its path in the checkout.

    :raises argparse.ArgumentTypeError: there is neither
    """
    path = user_path(text)
    if path.is_file():
        return path
    if path.stem in shipped_recipes() and str(path.parent) in ('.', 'config/train'):
        return package_file('config', 'train', f'{path.stem}.yaml')
    shipped = ', '.join(shipped_recipes())
    raise argparse.ArgumentTypeError(f"there is no file '{text}', and no such recipe ships (these do: {shipped})")


def shipped_recipes() -> list[str]:
    """Return the names of the recipes that ship."""
    return sorted(path.stem for path in package_file('config', 'train').glob('*.yaml'))


def add_recipe_arguments(parser: argparse.ArgumentParser, description: str, keys: str) -> None:
    """Declare the arguments of a command that trains by a recipe.

    :param keys: of the recipe, as ``describe_keys`` tells them
    """
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = description
    parser.epilog = f'keys of a recipe, with their defaults:\n{keys}'
    parser.add_argument(
        '--config',
        required=True,
        type=recipe_path,
        metavar='RECIPE',
        help=f'a YAML file, or the name of one that ships: {", ".join(shipped_recipes())}',
    )
    parser.add_argument('overrides', nargs='*', metavar='key=value', help='keys that replace those of the recipe')
