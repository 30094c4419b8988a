"""Task-oriented saliency over time on MT3DNet's features: the idea of ST-MTL, light enough for every frame."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from .layers import PointwiseNorm, SeparableConv
from .saliency_memory import SaliencyMemory
from .state import ConvLSTMState

_CHANNELS = 64
_FINE_CHANNELS = 32
_RARE = 0.05


class SaliencyBranch(nn.Module):
    """Remember at stride 16, where the encoder's two coarsest maps meet; draw at stride 4, on the decoder's map.

    :param encoder: channels of the encoder's maps at the strides 16 and 32
    :param decoder: channels of the decoder's fine map
    """

    def __init__(self, encoder: Sequence[int], decoder: int) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(PointwiseNorm(channels, _CHANNELS) for channels in encoder)
        self.temporal = SaliencyMemory(_CHANNELS, decoder)
        self.narrow = PointwiseNorm(_CHANNELS, _FINE_CHANNELS)
        self.fine = PointwiseNorm(decoder, _FINE_CHANNELS)
        self.refine = SeparableConv(_FINE_CHANNELS, _FINE_CHANNELS)
        self.logits = nn.Conv2d(_FINE_CHANNELS, 1, 1)
        # Little of an image is salient: a low start keeps the first steps from drowning in the rest.
        nn.init.constant_(self.logits.bias, -math.log((1.0 - _RARE) / _RARE))  # type: ignore[arg-type]

    def forward(
        self, maps: Sequence[Tensor], fine: Tensor, length: int = 1, state: ConvLSTMState | None = None
    ) -> tuple[Tensor, ConvLSTMState]:
        """Return saliency logits (B T, 1, H/4, W/4), and the state for the next frame.

        :param maps: of the encoder at the strides 16 and 32, of B sequences of ``length`` T consecutive frames,
            sequence by sequence
        :param fine: of the decoder at stride 4
        :param state: of the frame before the first; None where there is none
        """
        coarse, coarsest = (lateral(features) for lateral, features in zip(self.laterals, maps, strict=True))
        seen = F.relu(coarse + _resized(coarsest, coarse))  # (B T, 64, H/16, W/16)
        remembered, state = self.temporal(seen, fine, length, state)
        context = self.narrow(remembered)
        features = F.relu(self.fine(fine) + _resized(context, fine))  # (B T, 32, H/4, W/4)
        return self.logits(self.refine(features)), state


def _resized(features: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(features, like.shape[-2:], mode='bilinear', align_corners=False)
