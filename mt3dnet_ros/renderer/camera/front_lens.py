"""What sticks to the front lens: drops of water, which refract, and spots of blood, which stain."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.camera_effects import Dirt
from mt3dnet_ros.renderer.noise import fractal_noise

_RAGGED = 0.25  # of a spot's border, relative to its radius
_LENS_BLUR = 0.02  # of the view through a drop, in image widths
_BLOOD = np.array([0.45, 0.03, 0.02], np.float32)  # light that blood lets through


def droplets(rng: np.random.Generator, image: np.ndarray, dirt: Dirt) -> np.ndarray:
    """Draw drops of water over a linear picture (H, W, 3) float32."""
    if rng.random() >= dirt.droplets:
        return image
    return _through_water(rng, image, _spots(rng, image.shape[:2], dirt, soft=0.2))


def blood(rng: np.random.Generator, image: np.ndarray, dirt: Dirt) -> np.ndarray:
    """Draw spots of blood over a linear picture (H, W, 3) float32."""
    if rng.random() >= dirt.blood:
        return image
    share = rng.uniform(0.4, 1.0) * _spots(rng, image.shape[:2], dirt, soft=0.6)[..., None]
    return image * (1 - share + share * _BLOOD)


def _spots(rng: np.random.Generator, shape: tuple[int, int], dirt: Dirt, soft: float) -> np.ndarray:
    """Return how much of each pixel lies under spots, (H, W) float32 in [0, 1].

    :param soft: width of a spot's border, relative to its radius; the front lens is out of focus
    """
    height, width = shape
    ragged = _RAGGED * fractal_noise(rng, max(shape), 8, 2)[:height, :width]
    y, x = np.ogrid[:height, :width]
    covered = np.zeros(shape, np.float32)
    for _ in range(rng.integers(dirt.spots[0], dirt.spots[1] + 1)):
        radius, middle = width * rng.uniform(*dirt.spot_size), rng.uniform(0, 1, 2) * [width, height]
        away = np.hypot(x - middle[0], y - middle[1]) / radius + ragged
        covered = np.maximum(covered, np.clip((1 - away) / soft + 0.5, 0, 1))
    return covered.astype(np.float32)


def _through_water(rng: np.random.Generator, image: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Shift and blur what is seen through drops: their surface bends light along its slope."""
    height, width = covered.shape
    dome = cv2.GaussianBlur(covered, (0, 0), _LENS_BLUR * width)
    bend = np.float32(width * width * rng.uniform(0.002, 0.006))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    slopes = cv2.Sobel(dome, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(dome, cv2.CV_32F, 0, 1, scale=0.125)
    bent = cv2.remap(image, x + bend * slopes[0], y + bend * slopes[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    seen = cv2.GaussianBlur(bent, (0, 0), 0.5 * _LENS_BLUR * width)
    rim = 1 + 0.4 * (dome - covered)  # drops gather light in their middle and lose it at their border
    share = covered[..., None]
    return (image + share * (seen * rim[..., None] - image)).astype(np.float32)
