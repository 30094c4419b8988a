"""From the encoder's four maps to the two that the heads read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mt3dnet_ros.errors import InputError

from .layers import PointwiseNorm, Refinement


class Decoded(NamedTuple):
    """What the heads read.

    :param fine: (B, C, H/4, W/4), for dense heads
    :param coarse: (B, C, H/8, W/8), for detection
    """

    fine: Tensor
    coarse: Tensor


class TopDownDecoder(nn.Module):
    """A light feature pyramid: coarser levels are upsampled, added to the next finer and refined.

    Lin et al. 2017, Feature Pyramid Networks; depthwise-separable refinements keep it at a fraction of the encoder.

    :param inputs: channels of the encoder's maps, finest first
    :param channels: width of the pyramid
    """

    def __init__(self, inputs: Sequence[int], channels: int) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(PointwiseNorm(width, channels) for width in inputs)
        self.refinements = nn.ModuleList(Refinement(channels) for _ in inputs)

    def forward(self, maps: Sequence[Tensor]) -> Decoded:
        """Return the refined levels at strides 4 and 8."""
        levels: list[Tensor] = []
        for features, lateral, refine in zip(
            reversed(maps), reversed(self.laterals), reversed(self.refinements), strict=True
        ):
            level = lateral(features)
            if levels:
                level = level + upsample(levels[-1], 2)
            levels.append(refine(level))
        return Decoded(fine=levels[-1], coarse=levels[-2])


class AllMLPDecoder(nn.Module):
    """SegFormer's own decoder: every stage projected, upsampled to stride 4, concatenated and fused (arXiv 2105.15203).

    :param inputs: channels of the encoder's maps, finest first
    :param channels: common width
    """

    def __init__(self, inputs: Sequence[int], channels: int) -> None:
        super().__init__()
        self.projections = nn.ModuleList(nn.Conv2d(width, channels, 1) for width in inputs)
        self.fuse = nn.Sequential(PointwiseNorm(channels * len(inputs), channels), nn.ReLU(inplace=True))
        self.dropout = nn.Dropout2d(0.1)

    def forward(self, maps: Sequence[Tensor]) -> Decoded:
        """Return the fused map and its 2x2 mean."""
        projected = [projection(features) for projection, features in zip(self.projections, maps, strict=True)]
        upsampled = [upsample(features, 2**level) if level else features for level, features in enumerate(projected)]
        fine = self.dropout(self.fuse(torch.cat(upsampled[::-1], dim=1)))
        return Decoded(fine=fine, coarse=F.avg_pool2d(fine, 2))


DECODERS: dict[str, type[TopDownDecoder] | type[AllMLPDecoder]] = {
    'top_down': TopDownDecoder,
    'all_mlp': AllMLPDecoder,
}


def build_decoder(name: str, inputs: Sequence[int], channels: int) -> TopDownDecoder | AllMLPDecoder:
    """Return a decoder by name.

    :raises ValueError: the name is not known
    """
    if name not in DECODERS:
        raise InputError(f"decoder '{name}' is not known (known: {', '.join(DECODERS)})")
    return DECODERS[name](inputs, channels)


def upsample(features: Tensor, factor: int) -> Tensor:
    """Return the map bilinearly enlarged, pixel areas aligned."""
    return F.interpolate(features, scale_factor=float(factor), mode='bilinear', align_corners=False)
