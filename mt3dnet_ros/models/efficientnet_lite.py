"""A convolutional encoder that published ImageNet weights fit: EfficientNet-Lite0 (Tan and Le 2019, arXiv 1905.11946).

It is the paper's B0 (table 1) up to the last block, with the differences of the Lite variants as their authors
published them (tensorflow/tpu, ``efficientnet/lite``): no squeeze-and-excitation, and ReLU6 for swish.
"""

from __future__ import annotations

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from .drop_path import DropPath, rising_rates
from .layers import initialise_convolution, maps_of_stages

_STEM = 32
_EPSILON, _MOMENTUM = 1e-3, 0.01  # of batch normalisation, as published


class BlockRow(NamedTuple):
    """A row of the paper's table 1: some blocks, of which the first has the stride."""

    kernel: int
    stride: int
    expansion: int
    channels: int
    repeats: int


# By the stride of their map: 4, 8, 16, 32.
STAGES: tuple[tuple[BlockRow, ...], ...] = (
    (BlockRow(3, 1, 1, 16, 1), BlockRow(3, 2, 6, 24, 2)),
    (BlockRow(5, 2, 6, 40, 2),),
    (BlockRow(3, 2, 6, 80, 3), BlockRow(5, 1, 6, 112, 3)),
    (BlockRow(5, 2, 6, 192, 4), BlockRow(3, 1, 6, 320, 1)),
)


class FoldedConv(nn.Module):
    """A convolution and batch normalisation; where the statistics are fixed, one convolution does the work of both.

    Strided ones see a margin at the right and bottom first, as in TensorFlow, whose weights these are.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        margin = kernel - stride
        self.margin = (margin // 2, margin - margin // 2) * 2 if stride > 1 else None  # left, right, top, bottom
        padding = 0 if self.margin else kernel // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, _EPSILON, _MOMENTUM)

    def forward(self, features: Tensor) -> Tensor:
        """Return (B, outputs, H / stride, W / stride)."""
        if self.margin:
            features = F.pad(features, self.margin)
        if self.norm.training or not isinstance(self.norm, nn.BatchNorm2d):
            return self.norm(self.conv(features))
        weight, bias = self.folded()
        conv = self.conv
        return F.conv2d(features, weight, bias, conv.stride, conv.padding, groups=conv.groups)

    def folded(self) -> tuple[Tensor, Tensor]:
        """Return weight and bias of the convolution that also normalises, by the running statistics."""
        norm = self.norm
        assert norm.running_mean is not None and norm.running_var is not None
        scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
        return self.conv.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale


class FoldedConvReLU6(FoldedConv):
    """The same, and an activation between 0 and 6."""

    def forward(self, features: Tensor) -> Tensor:
        """Return (B, outputs, H / stride, W / stride)."""
        return F.relu6(super().forward(features), inplace=True)


class InvertedResidual(nn.Module):
    """Widen, filter each channel, narrow; a residual where the shape stays (Sandler et al. 2018, MobileNetV2)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int, drop_path: float) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = FoldedConvReLU6(inputs, hidden, 1) if expansion > 1 else nn.Identity()
        self.depthwise = FoldedConvReLU6(hidden, hidden, kernel, stride, groups=hidden)
        self.project = FoldedConv(hidden, outputs, 1)
        self.drop_path = DropPath(drop_path) if stride == 1 and inputs == outputs else None

    def forward(self, features: Tensor) -> Tensor:
        """Return (B, outputs, H / stride, W / stride)."""
        branch = self.project(self.depthwise(self.expand(features)))
        return branch if self.drop_path is None else features + self.drop_path(branch)


class EfficientNetLite0(nn.Module):
    """A stem and 16 blocks, in four stages, each at half the resolution of the one before.

    :param drop_path: rate at the last block; it rises linearly from 0 at the first
    """

    channels = tuple(stage[-1].channels for stage in STAGES)

    def __init__(self, drop_path: float = 0.1) -> None:
        super().__init__()
        rates = iter(rising_rates(sum(row.repeats for stage in STAGES for row in stage), drop_path))
        inputs = _STEM
        stages: list[nn.Sequential] = []
        for stage in STAGES:
            modules: list[nn.Module] = [] if stages else [FoldedConvReLU6(3, _STEM, 3, stride=2)]
            for row in stage:
                for index in range(row.repeats):
                    stride = 1 if index else row.stride
                    modules.append(
                        InvertedResidual(inputs, row.channels, row.kernel, stride, row.expansion, next(rates))
                    )
                    inputs = row.channels
            stages.append(nn.Sequential(*modules))
        self.stages = nn.ModuleList(stages)
        self.apply(_initialise)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the maps of the four stages.

        :param images: (B, 3, H, W), normalised
        :returns: (B, C_i, H / s_i, W / s_i) for the strides 4, 8, 16, 32
        """
        return maps_of_stages(self.stages, images)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        initialise_convolution(module)
