"""What an endoscope shows before a cap, fog, smoke, tissue that touches its lens, or too much light."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.noise import fractal_noise

from .blank import Size, direction, draw_colour, soft_spots

_RED = np.array([0.75, 0.1, 0.06], np.float32)


def lens_cap(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return darkness with a leak of light, or with the dim red of light that shines through a hand."""
    dark = np.float32(rng.uniform(0.0, 0.06)) * (0.5 + draw_colour(rng))
    tint = _RED if rng.random() < 0.4 else 0.5 + 0.5 * draw_colour(rng)
    leak = soft_spots(rng, size, int(rng.integers(0, 4)), 0.6) * np.float32(rng.uniform(0.05, 0.8))
    return dark + leak[..., None] * tint


def fog(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return a fogged lens or dense smoke: pale and soft, with nothing behind it."""
    side = max(size) // 4
    wafts = cv2.resize(fractal_noise(rng, side, int(rng.integers(1, 5)), 3), (max(size), max(size)))
    wafts = wafts[: size[0], : size[1]] * np.float32(rng.uniform(0.01, 0.15))
    pale = np.float32(rng.uniform(0.25, 0.95)) * (1.0 - np.float32(0.3) * draw_colour(rng, 0.6))
    light = 1.0 - np.float32(rng.uniform(0.0, 0.6)) * (1.0 - soft_spots(rng, size, 1, 0.8))
    return (pale + wafts[..., None]) * light[..., None]


def blobs(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return lights and colours far out of focus."""
    picture = np.tile(draw_colour(rng) * np.float32(rng.uniform(0.2, 1.0)), (*size, 1))
    for _ in range(int(rng.integers(1, 6))):
        spot = soft_spots(rng, size, int(rng.integers(1, 4)), 0.3)[..., None]
        picture += spot * (draw_colour(rng, 0.3) - picture)
    return picture


def red_out(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return tissue or blood pressed to the lens: nearly one red, with lighter and darker clouds."""
    side = max(size) // 8
    clouds = cv2.resize(fractal_noise(rng, side, int(rng.integers(1, 4)), 2), (max(size), max(size)))
    clouds = np.exp(clouds[: size[0], : size[1]] * np.float32(rng.uniform(0.0, 0.25)))
    red = np.array([rng.uniform(0.15, 1.0), rng.uniform(0.0, 0.35), rng.uniform(0.0, 0.3)], np.float32)
    red[1:] = np.minimum(red[1:], 0.6 * red[0])
    return red * clouds[..., None]


def overexposed(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return white that falls off towards the rim, or to one side."""
    light = soft_spots(rng, size, 1, 1.2) if rng.random() < 0.7 else direction(rng, size)
    level = np.float32(rng.uniform(0.9, 2.5)) * light + np.float32(rng.uniform(0.2, 0.8))
    return level[..., None] * (1.0 - np.float32(0.35) * draw_colour(rng, 0.3))
