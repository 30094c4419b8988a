"""What MT3DNet's saliency branch knows of time: a ConvLSTM++, and what moved since the frame before."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .conv_lstm import ConvLSTM
from .layers import PointwiseNorm
from .state import ConvLSTMState

_DETAIL_CHANNELS = 8
_DETAIL_STRIDE = 4  # from the decoder's stride 4 to the memory's 16


class SaliencyMemory(nn.Module):
    """Add to the features of a frame what was before, what moved, and how all of the image is moving.

    From frame to frame a tool moves by less than a cell of stride 16. Motion is seen where it shows: some channels of
    the decoder's map at stride 4 are kept, and their change is averaged over each cell. Which tool is to be looked at
    is a matter of what the others do, so that the mean over the image is added everywhere.

    :param channels: of the features
    :param decoder: channels of the decoder's fine map
    """

    def __init__(self, channels: int, decoder: int) -> None:
        super().__init__()
        self.cell = ConvLSTM(channels, channels, 'separable')
        self.detail = PointwiseNorm(decoder, _DETAIL_CHANNELS)
        self.motion = PointwiseNorm(_DETAIL_CHANNELS, channels)
        self.overall = nn.Conv2d(channels, channels, 1)
        # At first nothing is added, so that time starts from what the branch says of single frames.
        nn.init.zeros_(self.overall.weight)
        nn.init.zeros_(self.overall.bias)  # type: ignore[arg-type]

    def forward(
        self, features: Tensor, fine: Tensor, length: int, state: ConvLSTMState | None
    ) -> tuple[Tensor, ConvLSTMState]:
        """Return features (B T, C, H/16, W/16) over time, and the state for the next frame.

        :param features: (B T, C, H/16, W/16) of B sequences of ``length`` T consecutive frames, sequence by sequence
        :param fine: of the decoder at stride 4
        :param state: of the frame before the first, its ``previous`` holding features and details; None for none
        :raises ValueError: the state is of another batch or size
        """
        details = F.pixel_unshuffle(F.relu(self.detail(fine)), _DETAIL_STRIDE).unflatten(0, (-1, length))
        frames, channels = features.unflatten(0, (-1, length)), features.shape[1]
        before = None if state is None else state._replace(previous=state.previous[:, :channels])
        remembered, after = self.cell(frames, before)
        first = details[:, 0] if state is None else state.previous[:, channels:]
        moved = self.motion(_change(details, first).flatten(0, 1))
        context = remembered.flatten(0, 1) + moved
        context = context + self.overall(context.mean((2, 3), keepdim=True))
        return context, after._replace(previous=torch.cat([after.previous, details[:, -1]], 1))


def _change(details: Tensor, first: Tensor) -> Tensor:
    """Return (B, T, 8, h, w): the mean absolute change over each cell since the frame before.

    :param details: (B, T, 8 * 16, h, w), 4 x 4 places side by side
    :param first: (B, 8 * 16, h, w) of the frame before the first
    """
    before = torch.cat([first[:, None], details[:, :-1]], 1)
    return (details - before).abs().unflatten(2, (_DETAIL_CHANNELS, -1)).mean(3)
