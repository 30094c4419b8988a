"""Export a checkpoint for other run times: ``mt3dnet export --output DIR --format both``."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from mt3dnet_ros.commands.arguments import user_path
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.export.check import largest_differences
from mt3dnet_ros.perception.export.description import describe
from mt3dnet_ros.perception.export.formats import FORMATS, ExportError, Format, Program, trace
from mt3dnet_ros.perception.export.network import INPUT, example_inputs
from mt3dnet_ros.perception.loading import SHIPPED_CHECKPOINT
from mt3dnet_ros.perception.perceiver import INPUT_MULTIPLE
from mt3dnet_ros.perception.taxonomy import load_taxonomy
from mt3dnet_ros.resources import package_file


def export(
    checkpoint: Path,
    folder: Path,
    formats: Sequence[Format],
    size: tuple[int, int] | None = None,
    dynamic_batch: bool = False,
) -> Path:
    """Write a checkpoint's network in some formats, each checked against the original; return the description's path.

    :param size: height and width of the network's input; None for those it was trained at
    :param dynamic_batch: for any number of images at a time, instead of one
    :raises CheckpointError, TaxonomyError, ExportError: with the reason
    """
    for kind in formats:
        kind.require_modules()
    model = load_checkpoint(checkpoint)
    load_taxonomy(model.config.taxonomy).require_names(model.config.classes)
    size = _checked(size or model.config.input_size)
    folder.mkdir(parents=True, exist_ok=True)
    program = trace(model, size, dynamic_batch)
    differences = {}
    for kind in formats:
        path = folder / f'{checkpoint.stem}{kind.suffix}'
        differences[path.name] = _write_checked(kind, model, program, path, size, dynamic_batch)
    description = folder / f'{checkpoint.stem}.json'
    state = {name: tensor.shape[1:] for name, tensor in example_inputs(model, size).items() if name != INPUT}
    about = describe(model.config, size, dynamic_batch, differences, state)
    description.write_text(json.dumps(about, indent=1) + '\n')
    return description


def _checked(size: tuple[int, int]) -> tuple[int, int]:
    height, width = size
    if min(size) < INPUT_MULTIPLE or height % INPUT_MULTIPLE or width % INPUT_MULTIPLE:
        raise ExportError(f'input size {height} {width} must be of positive multiples of {INPUT_MULTIPLE}')
    return size


def _write_checked(
    kind: Format, model: MT3DNet, program: Program, path: Path, size: tuple[int, int], dynamic_batch: bool
) -> dict[str, float]:
    """Write the network, and remove the file again when it does not answer as the original does."""
    start = time.perf_counter()
    kind.write(program, path)
    written = time.perf_counter() - start
    try:
        differences = largest_differences(model, kind.load(path), size, (1, 3) if dynamic_batch else (1,))
    except Exception:
        path.unlink(missing_ok=True)
        raise
    listed = ', '.join(f'{name} {difference:.1e}' for name, difference in differences.items())
    print(f'{path}: written in {written:.1f} s; largest differences from the original: {listed}')
    return differences


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``mt3dnet export``."""
    parser.add_argument('--checkpoint', type=user_path, metavar='FILE', help='default: the one of the package')
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
    try:
        return _run(arguments)
    except OSError as error:
        raise ExportError(str(error)) from error


def _run(arguments: argparse.Namespace) -> int:
    checkpoint = arguments.checkpoint or package_file(*SHIPPED_CHECKPOINT)
    formats = [FORMATS[name] for name in FORMATS if arguments.format in (name, 'both')]
    if not arguments.overwrite:
        _refuse_existing(arguments.output, checkpoint.stem, [*(kind.suffix for kind in formats), '.json'])
    size = tuple(arguments.input_size) if arguments.input_size else None
    print(f'description: {export(checkpoint, arguments.output, formats, size, arguments.dynamic_batch)}')
    return 0


def _refuse_existing(folder: Path, stem: str, suffixes: Sequence[str]) -> None:
    for path in (folder / f'{stem}{suffix}' for suffix in suffixes):
        if path.exists():
            raise ExportError(f"'{path}' exists; name another folder, or add --overwrite")
