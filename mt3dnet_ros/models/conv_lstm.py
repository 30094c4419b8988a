"""ConvLSTM++: a convolutional LSTM that reads the features of two consecutive frames (ST-MTL, arXiv 2112.08189).

The paper says that high-level features of consecutive frames are concatenated; the gates are those of Shi et al. 2015
(arXiv 1506.04214) without peepholes. Widths, kernel and residual are readings of ours, see docs/train/st_mtl.md.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mt3dnet_ros.errors import InputError

from .state import ConvLSTMState

CELLS = ('full', 'separable')
_GATES = 4


class ConvLSTM(nn.Module):
    """ConvLSTM++ beside the features themselves: what is remembered is added to what is seen.

    :param channels: of the features of a frame
    :param hidden: of the memory
    :param cell: 'full' for plain 3x3 convolutions; 'separable' for depthwise ones followed by pointwise ones
    :raises ValueError: the cell is not known
    """

    def __init__(self, channels: int, hidden: int, cell: str = 'full') -> None:
        super().__init__()
        if cell not in CELLS:
            raise InputError(f"ConvLSTM cell '{cell}' is not known (known: {', '.join(CELLS)})")
        self.hidden = hidden
        self.input_gates = _gates(2 * channels, hidden, cell, bias=True)
        self.hidden_gates = _gates(hidden, hidden, cell, bias=False)
        self.out = nn.Conv2d(hidden, channels, 1)
        # At first nothing is added, so that time starts from what the network says of single frames.
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)  # type: ignore[arg-type]

    def forward(self, frames: Tensor, state: ConvLSTMState | None = None) -> tuple[Tensor, ConvLSTMState]:
        """Read consecutive frames; one by one, each with the state of the one before, gives the same.

        :param frames: (B, T, C, H, W) features of T consecutive frames of B sequences
        :param state: of the frame before the first; None where there is none, and that frame stands for its predecessor
        :returns: features (B, T, C, H, W), and the state for the frame after the last
        :raises ValueError: the state is of another batch or size
        """
        previous, hidden, cell = self.first_state(frames[:, 0]) if state is None else _checked(state, frames)
        before = torch.cat([previous[:, None], frames[:, :-1]], dim=1)
        pairs = torch.cat([frames, before], dim=2)  # (B, T, 2C, H, W)
        remembered = []
        for gates in self.input_gates(pairs.flatten(0, 1)).unflatten(0, pairs.shape[:2]).unbind(1):
            hidden, cell = _update(gates + self.hidden_gates(hidden), cell)
            remembered.append(hidden)
        residual = self.out(torch.cat(remembered)).unflatten(0, (len(remembered), -1)).transpose(0, 1)
        return frames + residual, ConvLSTMState(frames[:, -1], hidden, cell)

    def first_state(self, features: Tensor) -> ConvLSTMState:
        """Return the state before a first frame (B, C, H, W): the frame itself and an empty memory.

        The memory is of single precision whatever the autocast, so that it does not lose small changes.
        """
        batch, _, height, width = features.shape
        empty = features.new_zeros(batch, self.hidden, height, width, dtype=torch.float32)
        return ConvLSTMState(features, empty, empty)


def _update(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """Return hidden state and cell: c' = f c + i g, h' = o tanh c'."""
    into, forget, out, candidate = gates.chunk(_GATES, dim=1)
    cell = forget.sigmoid() * cell + into.sigmoid() * candidate.tanh()
    return out.sigmoid() * cell.tanh(), cell


def _gates(inputs: int, hidden: int, cell: str, bias: bool) -> nn.Module:
    if cell == 'full':
        return nn.Conv2d(inputs, _GATES * hidden, 3, padding=1, bias=bias)
    depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
    return nn.Sequential(depthwise, nn.Conv2d(inputs, _GATES * hidden, 1, bias=bias))


def _checked(state: ConvLSTMState, frames: Tensor) -> ConvLSTMState:
    expected, found = frames[:, 0].shape, state.previous.shape
    if found != expected:
        raise InputError(
            f'the state is of features {tuple(found)}, the frames have {tuple(expected)}; '
            'start without a state when batch or image size change'
        )
    return state
