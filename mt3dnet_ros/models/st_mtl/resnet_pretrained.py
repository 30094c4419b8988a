"""ImageNet weights of torchvision's ResNet-18, read from a local file into our encoder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from mt3dnet_ros.models.pretrained import PretrainedError, read_weights
from mt3dnet_ros.models.weights import describe_misfit

from .resnet import ResNet18

_LAYERS = {
    'conv1': 'first.conv',
    'bn1': 'first.norm',
    'conv2': 'second.conv',
    'bn2': 'second.norm',
    'downsample.0': 'shortcut.conv',
    'downsample.1': 'shortcut.norm',
}
_STEM = re.compile(r'(conv|bn)1\.(\w+)')
_BLOCK = re.compile(r'layer([1-4])\.(\d+)\.(.+)\.(\w+)')
_CLASSIFIER = 'fc.'
_COUNTER = 'num_batches_tracked'


def load_resnet18(encoder: ResNet18, path: str | Path) -> None:
    """Fill the encoder with torchvision's weights (``resnet18-*.pth``).

    :raises PretrainedError: the file cannot be read, or is not of a ResNet-18
    """
    expected = encoder.state_dict()
    # The oldest files were written before batch normalisation counted its batches.
    counters = {key: value for key, value in expected.items() if key.endswith(_COUNTER)}
    mapped = counters | map_resnet_keys(read_weights(Path(path)))
    if misfit := describe_misfit(expected, mapped, 'the encoder'):
        raise PretrainedError(f"'{path}' is not of a ResNet-18: {misfit}; give torchvision's resnet18-*.pth")
    encoder.load_state_dict(mapped)


def map_resnet_keys(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the encoder's weights under our names; the classifier is left out.

    :raises PretrainedError: a key is not of a ResNet
    """
    return {_our_name(key): value for key, value in weights.items() if not key.startswith(_CLASSIFIER)}


def _our_name(name: str) -> str:
    if match := _STEM.fullmatch(name):
        return f'stem.{"conv" if match[1] == "conv" else "norm"}.{match[2]}'
    match = _BLOCK.fullmatch(name)
    if match and match[3] in _LAYERS:
        return f'stages.{int(match[1]) - 1}.{match[2]}.{_LAYERS[match[3]]}.{match[4]}'
    raise PretrainedError(f"weight '{name}' is not part of a ResNet-18; give torchvision's resnet18-*.pth")
