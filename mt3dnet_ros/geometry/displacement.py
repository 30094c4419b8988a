"""How far two cameras differ, in pixels of their image."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import project, rays

_MARKS = 5  # along each side of the image


def displacement(before: Camera, after: Camera) -> float:
    """Return how far what a camera sees lies from where another one sees it: the largest distance in the image.

    :returns: pixels; infinite where the images differ in size, or where one camera does not see what the other sees
    """
    if before == after:
        return 0.0
    pixels, seen = _marks(before)
    if (before.width, before.height) != (after.width, after.height) or not len(pixels):
        return math.inf
    distance = np.linalg.norm(project(after, seen) - pixels, axis=1).max()
    return float(distance) if math.isfinite(distance) else math.inf


@lru_cache(maxsize=8)
def _marks(camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """Return pixels spread over the image, (n, 2), and their rays, (n, 3), without those that the lens does not see."""
    columns, rows = np.linspace(0, camera.width - 1, _MARKS), np.linspace(0, camera.height - 1, _MARKS)
    pixels = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    seen = rays(camera, pixels)
    known = np.isfinite(seen).all(axis=1)
    return pixels[known], seen[known]
