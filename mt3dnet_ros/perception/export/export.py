"""Export a checkpoint for other run times."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mt3dnet_ros.models.grid import INPUT_MULTIPLE, is_input_size
from mt3dnet_ros.models.mt3dnet import MT3DNet
from mt3dnet_ros.perception.checkpoint import load_checkpoint
from mt3dnet_ros.perception.export.check import largest_differences
from mt3dnet_ros.perception.export.description import describe
from mt3dnet_ros.perception.export.formats import ExportError, Format, Program, trace
from mt3dnet_ros.perception.export.network import INPUT, example_inputs
from mt3dnet_ros.perception.export.onnx_file import metadata_of
from mt3dnet_ros.perception.taxonomy import taxonomy_of_network


def export(
    checkpoint: Path,
    folder: Path,
    formats: Sequence[Format],
    size: tuple[int, int] | None = None,
    dynamic_batch: bool = False,
    tell: Callable[[str], object] = lambda text: None,
) -> Path:
    """Write a checkpoint's network in some formats, each checked against the original; return the description's path.

    :param size: height and width of the network's input; None for those it was trained at
    :param dynamic_batch: for any number of images at a time, instead of one
    :param tell: called with a line on each file that was written
    :raises CheckpointError, TaxonomyError, ExportError: with the reason
    """
    for kind in formats:
        kind.require_modules()
    model = load_checkpoint(checkpoint)
    taxonomy_of_network(model.config.taxonomy, model.config.classes)  # or it says what is wrong
    size = _checked(size or model.config.input_size)
    folder.mkdir(parents=True, exist_ok=True)
    program = trace(model, size, dynamic_batch, metadata_of(model.config, size, checkpoint))
    differences = {}
    for kind in formats:
        path = folder / f'{checkpoint.stem}{kind.suffix}'
        start = time.perf_counter()
        differences[path.name] = _write_checked(kind, model, program, path, size, dynamic_batch)
        took = f'written and checked in {time.perf_counter() - start:.1f} s'
        listed = ', '.join(f'{name} {difference:.1e}' for name, difference in differences[path.name].items())
        tell(f'{path}: {took}; largest differences from the original: {listed}')
    description = folder / f'{checkpoint.stem}.json'
    state = {name: tensor.shape[1:] for name, tensor in example_inputs(model, size).items() if name != INPUT}
    about = describe(model.config, size, dynamic_batch, differences, state)
    description.write_text(json.dumps(about, indent=1) + '\n')
    return description


def _checked(size: tuple[int, int]) -> tuple[int, int]:
    height, width = size
    if not is_input_size(size):
        raise ExportError(f'input size {height} {width} must be of positive multiples of {INPUT_MULTIPLE}')
    return size


def _write_checked(
    kind: Format, model: MT3DNet, program: Program, path: Path, size: tuple[int, int], dynamic_batch: bool
) -> dict[str, float]:
    """Write the network, and remove the file again when it does not answer as the original does."""
    kind.write(program, path)
    batches = (1, 3) if dynamic_batch else (1,)
    try:
        return largest_differences(model, kind.load(path), size, batches, kind.tolerance)
    except Exception:
        path.unlink(missing_ok=True)
        raise
