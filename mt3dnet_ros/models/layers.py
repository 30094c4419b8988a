"""Blocks shared by encoders, decoders and heads."""

from __future__ import annotations

import math
from collections.abc import Iterable

from torch import Tensor, nn


class SeparableConv(nn.Sequential):
    """Depthwise 3x3, pointwise 1x1, batch normalisation, ReLU; about a ninth of a full 3x3's operations."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class PointwiseNorm(nn.Sequential):
    """A 1x1 convolution and batch normalisation."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))


class Refinement(nn.Module):
    """A residual separable convolution, so that coarser levels reach the finest one as a sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = SeparableConv(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return a map of the input's shape."""
        return features + self.conv(features)


def initialise_convolution(conv: nn.Conv2d) -> None:
    """Set weights to a normal scaled by their fan-out, and biases to zero."""
    fan_out = conv.kernel_size[0] * conv.kernel_size[1] * conv.out_channels // conv.groups
    nn.init.normal_(conv.weight, std=math.sqrt(2.0 / fan_out))
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)


def maps_of_stages(stages: Iterable[nn.Module], images: Tensor) -> list[Tensor]:
    """Return the map of each stage of an encoder, which the next one starts from."""
    maps = []
    features = images
    for stage in stages:
        features = stage(features)
        maps.append(features)
    return maps
