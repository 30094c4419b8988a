"""Units that recalibrate a map by channel and by place: scSE, and the skip competitive scSE of ST-MTL."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mt3dnet_ros.errors import InputError

REDUCTION = 16
_IMAGE_ROWS = 32


class SpatialChannelExcitation(nn.Module):
    """Plain scSE: a gate per channel and a gate per pixel, their results summed (Roy et al. 2018, arXiv 1803.02579).

    :param channels: a multiple of 16
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        reduced = _reduced(channels)
        self.channel = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, reduced, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(reduced, channels, 1),
            nn.Sigmoid(),
        )
        self.place = nn.Sequential(nn.Conv2d(channels, 1, 1), nn.Sigmoid())

    def forward(self, features: Tensor) -> Tensor:
        """Return a map (B, C, H, W)."""
        return features * self.channel(features) + features * self.place(features)


class SkipSpatialChannelExcitation(SpatialChannelExcitation):
    """The "skip SE" of AP-MTL: scSE beside the map itself."""

    def forward(self, features: Tensor) -> Tensor:
        """Return a map (B, C, H, W)."""
        return features + super().forward(features)


class PreActivation(nn.Sequential):
    """Batch normalisation, ReLU and a 3x3 convolution, twice (He et al. 2016, arXiv 1603.05027)."""

    def __init__(self, channels: int) -> None:
        layers = (
            (nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1, bias=False))
            for _ in range(2)
        )
        super().__init__(*(layer for three in layers for layer in three))


class CompetitiveGate(nn.Module):
    """A gate per channel, for which the channels of a residual compete with those of the identity.

    Their mean activations are laid out as one small image, which a convolution reads: the competitive inner-imaging of
    CMPE-SE (Hu et al. 2018, arXiv 1807.08920).

    :param channels: a multiple of 16, at least 48, so that the image has three columns for the convolution
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        columns = _reduced(channels)
        if columns < 3:
            raise InputError(f'a competitive gate of {channels} channels is too narrow; use at least {3 * REDUCTION}')
        self.read = nn.Conv2d(1, columns, 3, bias=False)
        self.excite = nn.Sequential(
            nn.Linear((_IMAGE_ROWS - 2) * (columns - 2), columns, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(columns, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, residual: Tensor, identity: Tensor) -> Tensor:
        """Return gates (B, C, 1, 1)."""
        means = torch.stack([residual.mean((2, 3)), identity.mean((2, 3))], dim=2)  # (B, C, 2)
        image = means.reshape(len(means), 1, _IMAGE_ROWS, -1)  # pairs stay side by side in rows of C / 16
        return self.excite(self.read(image).mean(1).flatten(1))[:, :, None, None]


class SkipCompetitiveExcitation(nn.Module):
    """SC-scSE of ST-MTL: Y = X + s_s V + s_c U, with two residuals U, V of X and gates that also see X.

    :param channels: a multiple of 16, at least 48
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channel_residual = PreActivation(channels)
        self.place_residual = PreActivation(channels)
        self.channel = CompetitiveGate(channels)
        self.place = nn.Sequential(nn.Conv2d(2 * channels, 1, 1, bias=False), nn.Sigmoid())

    def forward(self, features: Tensor) -> Tensor:
        """Return a map (B, C, H, W)."""
        by_channel, by_place = self.channel_residual(features), self.place_residual(features)
        channel_gate = self.channel(by_channel, features)  # (B, C, 1, 1)
        place_gate = self.place(torch.cat([by_place, features], dim=1))  # (B, 1, H, W)
        return features + place_gate * by_place + channel_gate * by_channel


RECALIBRATIONS: dict[str, type[nn.Module]] = {
    'sc_scse': SkipCompetitiveExcitation,
    'scse': SpatialChannelExcitation,
    'skip_scse': SkipSpatialChannelExcitation,
}


def build_recalibration(name: str, channels: int) -> nn.Module:
    """Return a unit by name.

    :raises ValueError: the name is not known, or the number of channels does not fit
    """
    if name not in RECALIBRATIONS:
        raise InputError(f"recalibration '{name}' is not known (known: {', '.join(RECALIBRATIONS)})")
    return RECALIBRATIONS[name](channels)


def _reduced(channels: int) -> int:
    if channels % REDUCTION or channels < REDUCTION:
        raise InputError(f'{channels} channels cannot be recalibrated; use a multiple of {REDUCTION}')
    return channels // REDUCTION
