"""The two decoders of ST-MTL: instrument types, and where to look."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .recalibration import build_recalibration
from .resnet import ConvNorm


class RecalibratedBlock(nn.Module):
    """Concatenated maps, convolved, recalibrated and enlarged twice.

    :param inputs: channels of all maps together
    """

    def __init__(self, inputs: int, middle: int, outputs: int, recalibration: str) -> None:
        super().__init__()
        self.conv = ConvNorm(inputs, middle, 3)
        self.recalibrate = build_recalibration(recalibration, middle)
        self.enlarge = nn.ConvTranspose2d(middle, outputs, 4, 2, 1)

    def forward(self, *maps: Tensor) -> Tensor:
        """Return (B, outputs, 2H, 2W)."""
        return self.enlarge(self.recalibrate(F.relu(self.conv(torch.cat(maps, dim=1)))))


class SegmentationDecoder(nn.Module):
    """The released segmentation decoder of ST-MTL; its names, widths and strides.

    :param classes: background included
    :param recalibration: a name of :data:`.recalibration.RECALIBRATIONS`
    """

    def __init__(self, classes: int, recalibration: str = 'sc_scse') -> None:
        super().__init__()
        self.center = RecalibratedBlock(512, 256, 256, recalibration)
        self.decoder5 = RecalibratedBlock(256 + 512, 512, 256, recalibration)
        self.decoder4 = RecalibratedBlock(256 + 256, 256, 128, recalibration)
        self.decoder3 = RecalibratedBlock(128 + 128, 128, 64, recalibration)
        self.decoder2 = RecalibratedBlock(64 + 64, 64, 64, recalibration)
        self.decoder1 = RecalibratedBlock(64 + 64, 64, 64, recalibration)
        self.classifier = nn.Sequential(
            ConvNorm(64, 32, 3), nn.ReLU(inplace=True), nn.ConvTranspose2d(32, classes, 3, 1, 1)
        )

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Return logits (B, classes, H, W).

        :param maps: of the encoder: the stem, then the four stages
        """
        stem, stage1, stage2, stage3, stage4 = maps
        center = _resized(self.center(F.max_pool2d(stage4, 2)), stage4)  # (B, 256, H/32, W/32)
        features = self.decoder5(center, stage4)  # (B, 256, H/16, W/16)
        features = self.decoder4(features, stage3)  # (B, 128, H/8, W/8)
        features = self.decoder3(features, stage2)  # (B, 64, H/4, W/4)
        features = self.decoder2(features, stage1)  # (B, 64, H/2, W/2)
        features = self.decoder1(features, _resized(stem, features))  # (B, 64, H, W)
        return self.classifier(features)


class LinkBlock(nn.Sequential):
    """LinkNet's decoder block: narrow, enlarge, widen (Chaurasia and Culurciello 2017, arXiv 1707.03718)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        middle = inputs // 4
        super().__init__(
            ConvNorm(inputs, middle, 1),
            nn.ReLU(inplace=True),
            *_enlarging(middle, middle, stride),
            ConvNorm(middle, outputs, 1),
            nn.ReLU(inplace=True),
        )


class SaliencyDecoder(nn.Module):
    """The LinkNet-like saliency decoder of LWL (arXiv 1907.00214), the forerunner of ST-MTL."""

    def __init__(self) -> None:
        super().__init__()
        self.block4 = LinkBlock(512, 256, 2)
        self.block3 = LinkBlock(256, 128, 2)
        self.block2 = LinkBlock(128, 64, 2)
        self.block1 = LinkBlock(64, 64, 1)
        self.attention = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(64, 64, 1), nn.Sigmoid())
        self.head = nn.Sequential(
            *_enlarging(64, 32, 2), ConvNorm(32, 32, 3), nn.ReLU(inplace=True), nn.ConvTranspose2d(32, 1, 4, 2, 1)
        )

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Return logits (B, 1, H, W).

        :param maps: of the encoder: the stem, then the four stages
        """
        stem, stage1, stage2, stage3, stage4 = maps
        features = self.block4(stage4) + stage3  # (B, 256, H/16, W/16)
        features = self.block3(features) + stage2  # (B, 128, H/8, W/8)
        features = self.block2(features) + stage1  # (B, 64, H/4, W/4)
        features = self.block1(features) + stem
        return self.head(features * self.attention(features))


def _enlarging(inputs: int, outputs: int, stride: int) -> tuple[nn.Module, ...]:
    transposed = nn.ConvTranspose2d(inputs, outputs, 3, stride, 1, output_padding=stride - 1, bias=False)
    return transposed, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)


def _resized(features: Tensor, like: Tensor) -> Tensor:
    """Return the map bilinearly resized to another one's size, corners aligned, as released."""
    return F.interpolate(features, like.shape[-2:], mode='bilinear', align_corners=True)
