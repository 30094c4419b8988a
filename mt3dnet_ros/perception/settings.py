"""What may change from one frame to the next."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What may change from one frame to the next.

    :param score_threshold: least score of a detection, 0 to 1
    :param stride: the cloud has a point for every ``stride``-th pixel of every ``stride``-th row
    :param max_depth: metres beyond which depth is unknown
    :param overlay_opacity: of the masks in the overlay, 0 to 1
    :raises ValueError: when a value is out of its range
    """

    score_threshold: float = 0.5
    stride: int = 2
    max_depth: float = 0.5
    overlay_opacity: float = 0.5

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        for name in ('score_threshold', 'overlay_opacity'):
            if not 0.0 <= (value := getattr(self, name)) <= 1.0:
                raise ValueError(f'{name} {value} must lie between 0 and 1')
        if self.stride < 1:
            raise ValueError(f'stride {self.stride} must be at least 1')
        if not self.max_depth > 0.0:
            raise ValueError(f'max_depth {self.max_depth} m must be positive')
