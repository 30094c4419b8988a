"""What may change from one frame to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mt3dnet_ros.errors import InputError


@dataclass(frozen=True)
class Settings:
    """What may change from one frame to the next.

    :param score_threshold: least score of a detection, 0 to 1
    :param stride: the cloud has a point for every ``stride``-th pixel of every ``stride``-th row
    :param max_depth: metres beyond which depth is unknown
    :param overlay_opacity: of the masks in the overlay, 0 to 1
    :param overlay_saliency: draw saliency and scanpath in the overlay
    :param saliency_reset_gap: seconds without a frame after which the frames before are forgotten
    :param gaze_time_constant: seconds over which the gaze is smoothed; 0 does not smooth
    :param mask_time_constant: seconds over which masks are smoothed where the picture rests; 0 does not smooth
    :raises ValueError: when a value is out of its range
    """

    score_threshold: float = 0.5
    stride: int = 2
    max_depth: float = 0.5
    overlay_opacity: float = 0.5
    overlay_saliency: bool = False
    saliency_reset_gap: float = 1.0
    gaze_time_constant: float = 0.3
    mask_time_constant: float = 0.0

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        for name in ('score_threshold', 'overlay_opacity'):
            if not 0.0 <= (value := getattr(self, name)) <= 1.0:
                raise InputError(f'{name} {value} must lie between 0 and 1')
        if self.stride < 1:
            raise InputError(f'stride {self.stride} must be at least 1')
        if not self.max_depth > 0.0:
            raise InputError(f'max_depth {self.max_depth} m must be positive')
        if not self.saliency_reset_gap > 0.0:
            raise InputError(f'saliency_reset_gap {self.saliency_reset_gap} s must be positive')
        for name in ('gaze_time_constant', 'mask_time_constant'):
            if not 0.0 <= (value := getattr(self, name)) < math.inf:
                raise InputError(f'{name} {value} s must be finite and not negative')
