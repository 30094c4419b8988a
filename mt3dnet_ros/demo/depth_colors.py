"""Depth as colour, with a bar that says which colour is how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

UNKNOWN_GREY = 48


@dataclass(frozen=True)
class DepthColors:
    """Colours for depth between two limits in metres; near is red, far is blue."""

    near: float
    far: float

    @classmethod
    def of(cls, depths: Sequence[np.ndarray]) -> DepthColors:
        """Return the colours that fit nearly all of some depth images, with limits in whole 5 mm.

        :param depths: each (H, W) metres, NaN where unknown
        """
        known = np.concatenate([depth[np.isfinite(depth)] for depth in depths] or [np.zeros(0)])
        if not known.size:
            return cls(0.0, 0.005)
        near, far = np.percentile(known, [1, 99]) / 0.005
        return cls(0.005 * float(np.floor(near)), 0.005 * max(float(np.ceil(far)), float(np.floor(near)) + 1.0))

    def draw(self, depth: np.ndarray) -> np.ndarray:
        """Return (H, W, 3) uint8 of a depth image in metres; unknown depth is grey."""
        nearness = 255.0 * (self.far - depth) / (self.far - self.near)
        known = np.isfinite(depth)
        levels = np.clip(np.where(known, nearness, 0.0), 0, 255).astype(np.uint8)
        picture = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
        picture[~known] = UNKNOWN_GREY
        return picture

    def ticks(self, most: int = 6) -> list[float]:
        """Return round depths in metres between the limits, at most ``most``."""
        span = self.far - self.near
        step = next(step for step in _round_steps() if span / step <= most - 1)
        first = np.ceil(self.near / step - 1e-6)
        return [float(step * index) for index in np.arange(first, np.floor(self.far / step + 1e-6) + 1)]


def _round_steps() -> list[float]:
    return [factor * 10.0**power for power in range(-3, 4) for factor in (1, 2, 5)]
