"""Sizes of the network's input, and the grids of its outputs."""

from __future__ import annotations

INPUT_MULTIPLE = 32  # pixels: the stride of the encoder's coarsest map
FINE_STRIDE, COARSE_STRIDE = 4, 8  # pixels of the network's input per cell of the decoder's two maps


def is_input_size(size: tuple[int, int]) -> bool:
    """Return whether the network takes images of this height and width."""
    return all(side > 0 and side % INPUT_MULTIPLE == 0 for side in size)
