"""What a program must know to use an exported network, for a file beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mt3dnet_ros.models.config import MT3DNetConfig
from mt3dnet_ros.models.tasks import NEXT, outputs_of
from mt3dnet_ros.perception.export.network import INPUT
from mt3dnet_ros.perception.taxonomy import taxonomy_of_network

_PREPARATION = (
    'RGB, scaled to fit the width and the height with the aspect kept, values / 255, minus mean, divided by std, then '
    'padded on the right and at the bottom with 0'
)
_STATE = (
    'memory of the frames before: give each input the output of the frame before it. For a first frame, run the '
    f'network on it with zeros, then again with its {NEXT}previous as previous; hidden and cell stay zeros. A frame '
    'after a cut or a gap is a first frame'
)


def describe(
    config: MT3DNetConfig,
    size: tuple[int, int],
    dynamic_batch: bool,
    differences: Mapping[str, Mapping[str, float]],
    state: Mapping[str, Sequence[int]],
) -> dict[str, Any]:
    """Return the description, fit for JSON.

    :param size: height and width of the network's input in pixels
    :param differences: largest difference from the original by file name and output
    :param state: shapes (C, h, w) of the memory's tensors by name; none without memory
    """
    batch: str | int = 'batch' if dynamic_batch else 1
    return {
        'files': {name: {'largest_difference': dict(values)} for name, values in differences.items()},
        'input': {
            'name': INPUT,
            'type': 'float32',
            'shape': [batch, 3, *size],
            'preparation': _PREPARATION,
            'mean': config.mean,
            'std': config.std,
        },
        'outputs': {
            name: {'type': 'float32', 'shape': [batch, *output.shape(config, size)], 'meaning': output.meaning}
            for name, output in outputs_of(config).items()
        },
        **({'state': _describe_state(batch, state)} if state else {}),
        'taxonomy': config.taxonomy,
        'classes': [asdict(label) for label in taxonomy_of_network(config.taxonomy, config.classes).classes],
        'parts': dict(enumerate(config.parts)),
        'canonical_focal': config.canonical_focal,
        'depth_range': config.depth_range,
        'known_depth': config.known_depth,
        'temperatures': config.temperatures,
        'score_line': config.score_line,
        **({'view_line': config.view_line} if config.view else {}),
        'network': {'architecture': config.architecture, 'encoder': config.encoder, 'decoder': config.decoder},
    }


def _describe_state(batch: str | int, shapes: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    tensors = {
        name: {'type': 'float32', 'shape': [batch, *shape], 'input': name, 'output': f'{NEXT}{name}'}
        for name, shape in shapes.items()
    }
    return {'meaning': _STATE, 'tensors': tensors}
