"""One head per task."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from .layers import SeparableConv

DETECTION_STRIDE = 8
_RARE = 0.01
_TYPICAL_CELLS = 6.0
_MOST_CELLS = 128.0


class SegmentationHead(nn.Conv2d):
    """Class logits (B, classes, H/4, W/4): a linear classifier of the decoder's features, as in SegFormer."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__(channels, classes, 1)


class DepthHead(nn.Module):
    """Depth at the canonical focal length: a sigmoid places its logarithm between two limits.

    :param limits: least and largest canonical depth in metres
    """

    def __init__(self, channels: int, limits: tuple[float, float]) -> None:
        super().__init__()
        least, largest = limits
        if not 0.0 < least < largest:
            raise ValueError(f'depth range {limits} must rise from a positive number of metres')
        self.conv = SeparableConv(channels, channels)
        self.position = nn.Conv2d(channels, 1, 1)
        self.log_least = math.log(least)
        self.log_span = math.log(largest / least)

    def forward(self, features: Tensor) -> Tensor:
        """Return canonical metres (B, 1, H/4, W/4), in single precision whatever the autocast."""
        position = self.position(self.conv(features)).float().sigmoid()
        return torch.exp(self.log_least + self.log_span * position)


class DetectionHead(nn.Module):
    """Anchor-free boxes at stride 8: a peak per object in its class's heat map, and distances to its four edges.

    Zhou et al. 2019, Objects as Points; distances as in Tian et al. 2019, FCOS.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(SeparableConv(channels, channels), SeparableConv(channels, channels))
        self.heat = nn.Conv2d(channels, classes, 1)
        self.distances = nn.Conv2d(channels, 4, 1)
        # Nearly every cell is empty: starting from a low probability keeps the first steps from drowning in them.
        nn.init.constant_(self.heat.bias, -math.log((1.0 - _RARE) / _RARE))  # type: ignore[arg-type]
        nn.init.constant_(self.distances.bias, math.log(_TYPICAL_CELLS))  # type: ignore[arg-type]

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return heat logits (B, classes, H/8, W/8) and distances (B, 4, H/8, W/8) in pixels of the input."""
        shared = self.conv(features)
        cells = self.distances(shared).float().clamp(max=math.log(_MOST_CELLS)).exp()
        return self.heat(shared), cells * DETECTION_STRIDE
