"""Stochastic depth: whole residual branches are dropped per sample while training."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mt3dnet_ros.errors import InputError


class DropPath(nn.Module):
    """Drop a residual branch for a random part of the batch (Huang et al. 2016, Deep Networks with Stochastic Depth).

    :param rate: probability, in [0, 1), that a sample's branch is dropped; others are scaled by ``1 / (1 - rate)``
    """

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__()
        if not 0.0 <= rate < 1.0:
            raise InputError(f'drop path rate {rate} is not in [0, 1)')
        self.rate = rate

    def forward(self, branch: Tensor) -> Tensor:
        """Return the branch, with some samples of the leading dimension zeroed in training mode."""
        if not self.training or self.rate == 0.0:
            return branch
        keep = 1.0 - self.rate
        mask = torch.rand(branch.shape[0], *[1] * (branch.dim() - 1), device=branch.device) < keep
        return branch * (mask / keep).to(branch.dtype)

    def extra_repr(self) -> str:
        """Show the rate in the module's printout."""
        return f'rate={self.rate:.3f}'


def rising_rates(depth: int, last: float) -> list[float]:
    """Return one rate per block, rising linearly from 0 at the first to ``last`` at the last.

    :param depth: number of blocks of the whole encoder
    """
    return [last * index / max(1, depth - 1) for index in range(depth)]
