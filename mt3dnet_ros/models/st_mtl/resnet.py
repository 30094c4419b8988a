"""The encoder of ST-MTL: ResNet-18 without its classifier (He et al. 2016, arXiv 1512.03385)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = (64, 128, 256, 512)
_BLOCKS_PER_STAGE = 2


class ConvNorm(nn.Sequential):
    """A convolution that keeps the size (divided by its stride), and batch normalisation."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.add_module('conv', nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False))
        self.add_module('norm', nn.BatchNorm2d(outputs))


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, which projects where the shape changes (figure 5, left)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = ConvNorm(inputs, outputs, 3, stride)
        self.second = ConvNorm(outputs, outputs, 3)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else ConvNorm(inputs, outputs, 1, stride)

    def forward(self, features: Tensor) -> Tensor:
        """Return (B, outputs, H / stride, W / stride)."""
        return F.relu(self.second(F.relu(self.first(features))) + self.shortcut(features))


class ResNet18(nn.Module):
    """A stem and four stages of two basic blocks each (table 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, CHANNELS[0], 7, 2)
        self.stages = nn.ModuleList(
            _stage(CHANNELS[max(0, index - 1)], outputs, 2 if index else 1) for index, outputs in enumerate(CHANNELS)
        )
        self.apply(_initialise)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the pooled stem and the maps of the four stages.

        :param images: (B, 3, H, W), normalised
        :returns: channels 64, 64, 128, 256, 512 at the strides 4, 4, 8, 16, 32
        """
        maps = [F.max_pool2d(F.relu(self.stem(images)), 3, 2, 1)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps


def _stage(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    following = (BasicBlock(outputs, outputs, 1) for _ in range(_BLOCKS_PER_STAGE - 1))
    return nn.Sequential(BasicBlock(inputs, outputs, stride), *following)


def _initialise(module: nn.Module) -> None:
    """Set convolutions to a normal scaled by their fan-out (He et al. 2015, arXiv 1502.01852)."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode='fan_out', nonlinearity='relu')
