"""Depth as colour, with a bar that says which colour is how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

UNKNOWN_GREY = 48
_NEAREST, _FARTHEST = 1, 255  # entries of the palette; its first is unknown depth


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

    def draw(self, depth: np.ndarray, unknown: int = UNKNOWN_GREY) -> np.ndarray:
        """Return (H, W, 3) uint8 of a depth image in metres, NaN where it is unknown.

        :param unknown: grey of unknown depth, 0 to 255
        """
        factor = (_FARTHEST - _NEAREST) / (self.far - self.near)
        within = np.clip(depth, np.float32(self.near), np.float32(self.far))  # NaN stays, and becomes level 0
        levels = cv2.convertScaleAbs(within, alpha=factor, beta=_NEAREST - factor * self.near)
        return cv2.applyColorMap(levels, _palette(unknown))

    def ticks(self, most: int = 6) -> list[float]:
        """Return round depths in metres between the limits, at most ``most``."""
        span = self.far - self.near
        step = next(step for step in _round_steps() if span / step <= most - 1)
        first = np.ceil(self.near / step - 1e-6)
        return [float(step * index) for index in np.arange(first, np.floor(self.far / step + 1e-6) + 1)]


def _round_steps() -> list[float]:
    return [factor * 10.0**power for power in range(-3, 4) for factor in (1, 2, 5)]


@lru_cache(maxsize=4)
def _palette(unknown: int) -> np.ndarray:
    """Return (256, 1, 3) uint8, red first: unknown depth, then from near to far."""
    levels = np.linspace(255, 0, _FARTHEST - _NEAREST + 1).round().astype(np.uint8)
    turbo = cv2.cvtColor(cv2.applyColorMap(levels[:, None], cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
    return np.concatenate([np.full((1, 1, 3), unknown, np.uint8), turbo])
