"""What of a picture is black: the round view of a rod lens, and borders of a recording."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.renderer.domains.camera_effects import FieldOfView
from mt3dnet_ros.renderer.streams import stream

_SOFT_EDGE = 0.006  # of a circular view, in half diagonals


def visible_share(rng: np.random.Generator, height: int, width: int, view: FieldOfView) -> np.ndarray:
    """Return how much of each pixel is seen, (H, W) float32 in [0, 1]."""
    seen = _circle(stream(rng, 'mask'), height, width, view)
    rng = stream(rng, 'border')
    if rng.random() < view.bordered:
        left, right, top, bottom = rng.uniform(*view.border, 4) * [width, width, height, height]
        rows, columns = np.ogrid[:height, :width]
        inside = (columns >= round(left)) & (columns < width - round(right))
        seen = seen * (inside & (rows >= round(top)) & (rows < height - round(bottom)))
    return seen.astype(np.float32)


def _circle(rng: np.random.Generator, height: int, width: int, view: FieldOfView) -> np.ndarray:
    if rng.random() >= view.masked:
        return np.ones((height, width), np.float32)
    cx, cy = (0.5 + view.mask_shift * rng.standard_normal(2)) * [width, height]
    y, x = np.ogrid[:height, :width]
    radius = np.hypot(x - cx, y - cy) / (0.5 * np.hypot(width, height))
    return np.clip((rng.uniform(*view.mask_radius) - radius) / _SOFT_EDGE + 0.5, 0, 1)
