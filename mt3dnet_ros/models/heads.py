"""One head per task."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mt3dnet_ros.errors import InputError

from .grid import COARSE_STRIDE
from .layers import SeparableConv

DETECTION_STRIDE = COARSE_STRIDE
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
            raise InputError(f'depth range {limits} must rise from a positive number of metres')
        self.conv = SeparableConv(channels, channels)
        self.position = nn.Conv2d(channels, 1, 1)
        self.log_least = math.log(least)
        self.log_span = math.log(largest / least)

    def forward(self, features: Tensor, scale: Tensor | None = None) -> Tensor:
        """Return canonical metres (B, 1, H/4, W/4), in single precision whatever the autocast.

        :param scale: (B, 1, 1, 1) of ``SceneScale``, which moves all depths of an image
        """
        logit = self.position(self.conv(features)).float()
        position = (logit if scale is None else logit + scale.float()).sigmoid()
        return torch.exp(self.log_least + self.log_span * position)


class SceneScale(nn.Module):
    """One number per image, from the means of all encoder maps: how far away everything is.

    A texture tells its distance by how fine it looks, weakly at any one place; the mean over the image is sure.

    :param inputs: channels of the encoder's maps
    """

    def __init__(self, inputs: Sequence[int]) -> None:
        super().__init__()
        self.hidden = nn.Linear(2 * sum(inputs), 64)
        self.scale = nn.Linear(64, 1)
        # It starts without a say: only the depth head decides.
        nn.init.zeros_(self.scale.weight)
        nn.init.zeros_(self.scale.bias)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Return (B, 1, 1, 1) to add to the depth head's logits."""
        return self.scale(F.gelu(self.hidden(_means(maps))))[..., None, None]


class ViewHead(nn.Module):
    """One logit per image: whether it is a view of a scene, rather than blank, noise, a test pattern or text.

    What tells them apart may fill the picture or be in one place: means over all encoder maps, and maxima.

    :param inputs: channels of the encoder's maps
    """

    def __init__(self, inputs: Sequence[int]) -> None:
        super().__init__()
        self.hidden = nn.Linear(3 * sum(inputs), 64)
        self.logit = nn.Linear(64, 1)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Return (B, 1, 1, 1)."""
        largest = torch.cat([features.float().amax((2, 3)) for features in maps], 1)
        pooled = torch.cat([_means(maps), largest], 1)
        return self.logit(F.gelu(self.hidden(pooled)))[..., None, None]


def _means(maps: Sequence[Tensor]) -> Tensor:
    """Return the means of maps and of their magnitudes over each image, (B, twice the channels), single precision."""
    return torch.cat([values.float().mean((2, 3)) for features in maps for values in (features, features.abs())], 1)


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
