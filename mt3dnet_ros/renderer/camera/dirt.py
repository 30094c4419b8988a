"""What sticks to the front lens: drops of water, which refract, and spots of blood, which stain."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.camera import Dirt
from mt3dnet_ros.renderer.noise import fractal
from mt3dnet_ros.renderer.streams import stream

_RAGGED = 0.25  # of a spot's border, relative to its radius
_LENS_BLUR = 0.02  # of the view through a drop, in image widths
_BLOOD = np.array([0.45, 0.03, 0.02], np.float32)  # light that blood lets through


def soil(rng: np.random.Generator, image: np.ndarray, dirt: Dirt) -> np.ndarray:
    """Draw drops and spots over a linear picture (H, W, 3) float32."""
    water, blood = stream(rng, 'droplets'), stream(rng, 'blood')
    if water.random() < dirt.droplets:
        image = _through_water(water, image, _spots(water, image.shape[:2], dirt, soft=0.2))
    if blood.random() < dirt.blood:
        share = blood.uniform(0.4, 1.0) * _spots(blood, image.shape[:2], dirt, soft=0.6)[..., None]
        image = image * (1 - share + share * _BLOOD)
    return image


def _spots(rng: np.random.Generator, shape: tuple[int, int], dirt: Dirt, soft: float) -> np.ndarray:
    """Return how much of each pixel lies under spots, (H, W) float32 in [0, 1].

    :param soft: width of a spot's border, relative to its radius; the front lens is out of focus
    """
    height, width = shape
    ragged = _RAGGED * fractal(rng, max(shape), 8, 2)[:height, :width]
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
