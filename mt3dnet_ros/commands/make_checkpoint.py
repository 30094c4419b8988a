"""From nothing to a checkpoint: ``mt3dnet make-checkpoint [PLAN] --data MESHES --output DIR``."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

from mt3dnet_ros.commands.arguments import user_path
from mt3dnet_ros.errors import MissingExtraError
from mt3dnet_ros.resources import package_file

_SHIPPED = 'mt3dnet_lite0'
_NEEDED = ('open3d', 'lightning', 'faster_coco_eval')  # by rendering, training, calibrating
EXTRAS = 'render,train,evaluate'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        'Make a checkpoint by a plan: render, train, calibrate, add the model card. What is there already is left '
        'as it is, and a run that was interrupted goes on where it was when the same command is given again. Example: '
        'mt3dnet make-checkpoint --data meshes --output made'
    )
    parser.add_argument(
        'plan', nargs='?', type=plan_path, default=_SHIPPED, metavar='PLAN', help=f'a YAML file (default: {_SHIPPED})'
    )
    parser.add_argument('--data', type=user_path, metavar='MESHES', help='folder of meshes, as render has it')
    parser.add_argument(
        '--imagenet',
        type=user_path,
        metavar='FILE',
        help='ImageNet weights of the encoder, where the plan asks for them',
    )
    parser.add_argument('--output', type=user_path, required=True, metavar='DIR', help='folder for all that is made')
    parser.add_argument(
        '--again', action='store_true', help='delete and make anew what was made with other settings than the plan has'
    )


def plan_path(text: str) -> Path:
    """Return the path of a plan: of a file, or else of one that ships, by its name.

    :raises argparse.ArgumentTypeError: there is neither
    """
    shipped = package_file('config', 'checkpoints') / f'{text}.yaml'
    for path in (user_path(text), shipped):
        if path.is_file():
            return path
    raise argparse.ArgumentTypeError(f"there is no file '{text}', and no such plan ships ({_shipped()} do)")


def _shipped() -> str:
    return ' and '.join(sorted(path.stem for path in package_file('config', 'checkpoints').glob('*.yaml')))


def run(arguments: argparse.Namespace) -> int:
    """Make what is missing, and print where the checkpoint lies."""
    if missing := next((name for name in _NEEDED if find_spec(name) is None), None):
        raise MissingExtraError(missing, EXTRAS)
    from mt3dnet_ros.commands.making.make import Maker
    from mt3dnet_ros.commands.making.plan import read_plan

    maker = Maker(read_plan(arguments.plan), arguments.data, arguments.output, arguments.imagenet, arguments.again)
    maker.check()
    path = maker.make()
    print('checkpoint:', path)
    return 0
