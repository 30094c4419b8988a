"""What goes into perception."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mt3dnet_ros.perception.known_view.blank import sample
from mt3dnet_ros.perception.visible_area import VisibleArea, find_visible_area


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

    @cached_property
    def visible(self) -> VisibleArea:
        """What of the picture is not surround."""
        return find_visible_area(self.rgb)

    @cached_property
    def samples(self) -> np.ndarray:
        """Pixels on a regular grid within the surround, (h, w, 3) uint8, as :func:`sample` takes them."""
        return sample(self.rgb, self.visible)
