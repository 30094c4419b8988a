"""Smoke of cautery: haze over the whole view, and plumes that drift, lit from the lens, thicker before what is far."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.camera_effects import Air
from mt3dnet_ros.renderer.noise import fractal_noise

_SIZE = 128  # texels of a plume's picture
_DRIFT = 0.15  # image widths per second
_FAR = 0.5  # light that comes through halves where a scene is this much farther than its middle


def haze(rng: np.random.Generator, image: np.ndarray, air: Air) -> np.ndarray:
    """Draw smoke that fills the view over a linear picture (H, W, 3) float32."""
    if rng.random() >= air.haze:
        return image
    size = max(image.shape[:2])
    veil = fractal_noise(rng, size, 2, 4)[: image.shape[0], : image.shape[1], None]
    hidden = np.clip(rng.uniform(*air.haze_density) + 0.15 * veil, 0, 0.8)
    return (image * (1 - hidden) + hidden * rng.uniform(0.2, 0.6)).astype(np.float32)


def plumes(rng: np.random.Generator, image: np.ndarray, depth: np.ndarray, air: Air, time: float = 0.0) -> np.ndarray:
    """Draw a plume over a linear picture (H, W, 3) float32.

    :param depth: (H, W) float32 metres, 0 where nothing was hit
    :param time: seconds, by which the plume has drifted
    """
    if rng.random() >= air.plumes:
        return image
    thickness = _plume(rng, time)
    thickness = cv2.resize(thickness, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    density = rng.uniform(*air.plume_density)
    farther = depth / max(float(np.median(depth)), 1e-6)
    hidden = np.minimum(density * thickness * (1 - _FAR + _FAR * farther), 0.95)[..., None]
    tone = rng.uniform(0.15, 0.5) * np.array([1.0, *(1 + rng.uniform(-0.06, 0.06, 2))])
    return (image * (1 - hidden) + hidden * tone).astype(np.float32)


def _plume(rng: np.random.Generator, time: float) -> np.ndarray:
    """Return where smoke is thick: wisps that swirl round a column, (_SIZE, _SIZE) float32 in [0, 1]."""
    wisps, swirl = fractal_noise(rng, 2 * _SIZE, 5, 4, 0.5), 0.12 * fractal_noise(rng, _SIZE, 3, 2)
    x, y = np.meshgrid(*[np.linspace(0, 1, _SIZE, dtype=np.float32)] * 2)
    towards, source = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.9, 2)
    drift = _DRIFT * time * np.array([np.cos(towards), np.sin(towards)])
    columns, rows = ((_SIZE * (a + swirl + 1 - d)).astype(np.float32) for a, d in ((x, drift[0]), (y, drift[1])))
    curls = cv2.remap(wisps, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    spread, across = rng.uniform(0.15, 0.8), (x - source[0]) * np.sin(towards) - (y - source[1]) * np.cos(towards)
    column = np.exp(-(((across + 0.5 * swirl) / spread) ** 2))
    return np.clip(column * (0.6 + 0.35 * curls), 0, 1).astype(np.float32)
