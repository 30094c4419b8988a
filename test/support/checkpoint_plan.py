"""A plan of a checkpoint that is made in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_SIZE = {'width': 96, 'height': 64, 'processes': 1}
_BRIEF = {'batch_size': 2, 'precision': '32-true', 'accelerator': 'cpu', 'threads': 1, 'zoom': [0.9, 1.3]}
_NETWORK = _BRIEF | {
    'input_size': [64, 96], 'decoder_channels': 16, 'steps': 8, 'warmup_steps': 1, 'validate_every': 2,
    'validation_frames': 2,
}  # fmt: skip
_SALIENCY = _BRIEF | {
    'network': 'mt3dnet', 'dataset': 'rendered', 'stages': ['saliency', 'saliency_temporal'], 'steps': [4, 4],
    'window': 2, 'batch_windows': 1, 'validation_windows': 1, 'validate_every': 2,
}  # fmt: skip
STAGES: dict[str, dict[str, Any]] = {
    'frames': {'command': 'render', 'domain': 'endoscope', 'data': '$meshes', 'train': 4, 'val': 20, 'test': 0} | _SIZE,
    'sequences': {'command': 'render', 'frames_per_sequence': 3, 'train': 2, 'val': 1, 'test': 0} | _SIZE,
    'maps': {'command': 'make-saliency', 'dataset': 'rendered', 'data': '$sequences', 'split': ['train', 'val']},
    'network': {'command': 'train', 'recipe': 'network.yaml', 'data': '$frames'},
    'saliency': {
        'command': 'train-saliency', 'recipe': 'saliency.yaml', 'data': '$sequences', 'saliency': '$maps',
        'initial': '$network',
    },
    'calibrated': {'command': 'calibrate', 'dataset': 'rendered', 'data': '$frames', 'checkpoint': '$saliency'},
    'tiny': {'command': 'card', 'checkpoint': '$calibrated', 'write': 'card.md'},
}  # fmt: skip


def write_plan(folder: Path, stages: dict[str, Any] = STAGES) -> Path:
    """Write the plan with what it names, and return its path."""
    folder.mkdir(exist_ok=True)
    (folder / 'network.yaml').write_text(yaml.safe_dump(_NETWORK))
    (folder / 'saliency.yaml').write_text(yaml.safe_dump(_SALIENCY))
    (folder / 'card.md').write_text('What to know of it.\n')
    path = folder / 'tiny.yaml'
    path.write_text(yaml.safe_dump({'stages': stages}, sort_keys=False))
    return path
