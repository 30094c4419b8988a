"""Export a checkpoint for other run times: ``mt3dnet export --output DIR --format both``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from mt3dnet_ros.commands.arguments import user_path
from mt3dnet_ros.commands.options.network import add_checkpoint_argument, checkpoint_of
from mt3dnet_ros.perception.export.formats import FORMATS, ExportError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_checkpoint_argument(parser)
    parser.add_argument('--output', type=user_path, required=True, metavar='DIR', help='folder for the files')
    parser.add_argument(
        '--format',
        choices=[*FORMATS, 'both'],
        default='both',
        help='torch_export: a .pt2 for PyTorch without this package; onnx: a .onnx for ONNX Runtime, TensorRT and '
        'others (default: %(default)s)',
    )
    parser.add_argument(
        '--input-size',
        type=int,
        nargs=2,
        metavar=('H', 'W'),
        help="of the network's input in pixels, multiples of 32 (default: that of the checkpoint)",
    )
    parser.add_argument(
        '--dynamic-batch',
        action='store_true',
        help='take any number of images at a time instead of one',
    )
    parser.add_argument('--overwrite', action='store_true', help='replace files of an earlier export')


def run(arguments: argparse.Namespace) -> int:
    """Export, and print where the description lies."""
    from mt3dnet_ros.perception.export.export import export

    checkpoint = checkpoint_of(arguments)
    formats = [FORMATS[name] for name in FORMATS if arguments.format in (name, 'both')]
    if not arguments.overwrite:
        _refuse_existing(arguments.output, checkpoint.stem, [*(kind.suffix for kind in formats), '.json'])
    size = tuple(arguments.input_size) if arguments.input_size else None
    description = export(checkpoint, arguments.output, formats, size, arguments.dynamic_batch, tell=print)
    print(f'description: {description}')
    return 0


def _refuse_existing(folder: Path, stem: str, suffixes: Sequence[str]) -> None:
    for path in (folder / f'{stem}{suffix}' for suffix in suffixes):
        if path.exists():
            raise ExportError(f"'{path}' exists; name another folder, or add --overwrite")
