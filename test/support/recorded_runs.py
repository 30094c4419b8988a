"""Small runs of the training commands whose losses are kept in ``test/training/fixtures/``."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import torch
import yaml
from support.rendered_shapes import number_frames, write_shapes
from support.small_network import save_small_checkpoint

from mt3dnet_ros.commands.main import main

STEPS = 50
_ALWAYS = {'dataset': 'rendered', 'taxonomy': 'endovis2018', 'precision': '32-true', 'threads': 1}
_SALIENCY = _ALWAYS | {
    'window': 2, 'batch_size': 2, 'batch_windows': 1, 'log_every': 1, 'validate_every': 20, 'validation_windows': 2,
    'accelerator': 'cpu', 'schedule': 'cosine', 'gradient_clip': 1.0,
}  # fmt: skip
# A command, and the recipe that it trains by.
RUNS = {
    'st_mtl': ('train-saliency', _SALIENCY | {
        'network': 'st_mtl', 'input_size': [64, 96], 'recalibration': 'scse', 'temporal_cell': 'separable',
        'temporal_hidden': 8, 'views': 'mirrored', 'learning_rate': 5e-6, 'seed': 4,
        'stages': ['segmentation', 'saliency', 'temporal', 'alternating', 'joint_temporal', 'fine_tuning'],
        'steps': [12, 8, 8, 8, 8, 6],
    }),
    'branch': ('train-saliency', _SALIENCY | {
        'network': 'mt3dnet', 'zoom': [0.9, 1.2], 'appearance': 0.5, 'learning_rate': 3e-4, 'seed': 5,
        'stages': ['saliency', 'saliency_temporal'], 'steps': [25, 25],
    }),
    'mt3dnet': ('train', _ALWAYS | {
        'input_size': [64, 96], 'decoder_channels': 16, 'drop_path': 0.2, 'batch_size': 2, 'steps': 50,
        'warmup_steps': 10, 'optimizer': 'adamw', 'learning_rate': 2e-5, 'appearance': 0.0, 'balance_rate': 0.1,
        'balance_reference': 'average', 'seed': 6, 'validate_every': 20, 'validation_frames': 2, 'accelerator': 'cpu',
        'log_every': 1,
    }),
}  # fmt: skip


def write_data(folder: Path) -> Path:
    """Write sequences of drawn frames with their saliency, and a checkpoint to start from; return the folder."""
    number_frames(write_shapes(folder, frames=8), per_sequence=4)
    for split in ('train', 'val'):
        options = ['--dataset', 'rendered', '--data', str(folder), '--split', split, '--output', str(folder)]
        assert main(['make-saliency', *options]) == 0
    save_small_checkpoint(folder / 'mt3dnet.safetensors')
    return folder


def run(name: str, data: Path, output: Path, **changes: object) -> list[dict[str, str]]:
    """Train, and return the rows of the log."""
    torch.set_num_threads(1)
    command, recipe = RUNS[name]
    if recipe.get('network') == 'mt3dnet':
        recipe = recipe | {'initial': str(data / 'mt3dnet.safetensors')}
    output.mkdir(parents=True)
    config = output / 'recipe.yaml'
    config.write_text(yaml.safe_dump(recipe | {'data': str(data), 'output': str(output)} | changes))
    assert main([command, '--config', str(config)]) == 0
    with (output / 'log' / 'metrics.csv').open(newline='') as file:
        return list(csv.DictReader(file))


if __name__ == '__main__':
    folder = Path(sys.argv[1])
    shapes = write_data(folder / 'data')
    for each in RUNS:
        run(each, shapes, folder / each)
