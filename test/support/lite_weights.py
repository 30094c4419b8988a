"""A file of EfficientNet-Lite0's weights under their published names, of random values."""

from __future__ import annotations

from pathlib import Path

import torch

from mt3dnet_ros.models.efficientnet_lite import EfficientNetLite0, InvertedResidual

_THEIR_NAMES = {
    'expand.conv': '_expand_conv', 'expand.norm': '_bn0', 'depthwise.conv': '_depthwise_conv',
    'depthwise.norm': '_bn1', 'project.conv': '_project_conv', 'project.norm': '_bn2',
}  # fmt: skip


def random_encoder() -> EfficientNetLite0:
    """Return an encoder with random weights, and statistics that are not those of a new one."""
    torch.manual_seed(3)
    encoder = EfficientNetLite0().train()
    for norm in (module for module in encoder.modules() if isinstance(module, torch.nn.BatchNorm2d)):
        norm.momentum = 1.0
    encoder(torch.randn(2, 3, 64, 64))
    return encoder.eval()


def published(encoder: EfficientNetLite0) -> dict[str, torch.Tensor]:
    """Return the weights as the package's file names them, with some of a classifier."""
    blocks = [name for name, module in encoder.named_modules() if isinstance(module, InvertedResidual)]
    named = {'_fc.weight': torch.zeros(2, 3), '_conv_head.weight': torch.zeros(2, 3), '_bn1.weight': torch.zeros(2)}
    for key, value in encoder.state_dict().items():
        stage, place, *rest = key.removeprefix('stages.').split('.')
        if f'stages.{stage}.{place}' in blocks:
            number = blocks.index(f'stages.{stage}.{place}')
            named[f'_blocks.{number}.{_THEIR_NAMES[".".join(rest[:2])]}.{rest[2]}'] = value
        else:
            named[f'{"_conv_stem" if rest[0] == "conv" else "_bn0"}.{rest[1]}'] = value
    return named


def write_lite_weights(path: Path) -> Path:
    """Write such a file and return its path."""
    torch.save(published(random_encoder()), path)
    return path
