"""What goes into perception."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Frame:
    """One image of the stream.

    :param rgb: (H, W, 3) uint8, red first; may be a strided view on a message
    :param stamp: acquisition time in nanoseconds; 0 where unknown, and the frame then belongs to no stream
    :param frame_id: name of the optical frame
    """

    rgb: np.ndarray
    stamp: int = 0
    frame_id: str = ''

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rgb.shape[0], self.rgb.shape[1]
