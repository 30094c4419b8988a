"""Colours of what stands about in labs: anything, but some more often than others. All are sRGB in [0, 1]."""

from __future__ import annotations

import colorsys

import numpy as np

SKIN = np.array([[0.93, 0.76, 0.66], [0.85, 0.63, 0.50], [0.70, 0.48, 0.36], [0.50, 0.33, 0.24], [0.33, 0.21, 0.16]])
GLOVES = np.array(
    [
        [0.30, 0.50, 0.85],
        [0.42, 0.62, 0.88],
        [0.45, 0.35, 0.75],
        [0.93, 0.91, 0.86],
        [0.12, 0.12, 0.13],
        [0.5, 0.75, 0.6],
    ]
)
DRAPES = np.array(
    [
        [0.22, 0.45, 0.70],
        [0.40, 0.62, 0.80],
        [0.20, 0.50, 0.45],
        [0.35, 0.60, 0.50],
        [0.93, 0.94, 0.95],
        [0.12, 0.2, 0.4],
    ]
)
FLESH = np.array(
    [
        [0.85, 0.55, 0.50],
        [0.78, 0.35, 0.32],
        [0.60, 0.15, 0.15],
        [0.92, 0.72, 0.62],
        [0.95, 0.80, 0.72],
        [0.90, 0.6, 0.65],
    ]
)
PLASTICS = np.array(
    [
        [0.95, 0.80, 0.10],
        [0.85, 0.12, 0.10],
        [0.08, 0.08, 0.09],
        [0.95, 0.95, 0.94],
        [0.95, 0.45, 0.10],
        [0.1, 0.6, 0.3],
    ]
)


def any_colour(rng: np.random.Generator) -> np.ndarray:
    """Sample a colour (3,): a grey, any hue, or that of a drape, a phantom or plastic."""
    style = rng.random()
    if style < 0.3:
        return np.clip(rng.uniform(0.03, 0.97) + 0.025 * rng.standard_normal(3), 0.01, 1)
    if style < 0.65:
        return any_hue(rng)
    return one_of(rng, (DRAPES, FLESH, PLASTICS, SKIN)[rng.integers(4)])


def any_hue(rng: np.random.Generator) -> np.ndarray:
    """Sample a colour (3,) of any hue, pale to strong, dark to bright."""
    return np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.15, 1.0), rng.uniform(0.12, 1.0)))


def pale(rng: np.random.Generator) -> np.ndarray:
    """Sample the colour (3,) of paper, white plastic or a white cloth."""
    return np.clip(rng.uniform(0.75, 0.98) + rng.uniform(0.0, 0.06) * np.array([0.5, 0, -0.8]), 0, 1)


def dark(rng: np.random.Generator) -> np.ndarray:
    """Sample the colour (3,) of ink, rubber or black plastic."""
    return np.clip(rng.uniform(0.03, 0.25) + 0.02 * rng.standard_normal(3), 0.01, 1)


def one_of(rng: np.random.Generator, colours: np.ndarray) -> np.ndarray:
    """Sample a colour (3,) near one of some (N, 3)."""
    varied = colours[rng.integers(len(colours))] * rng.uniform(0.8, 1.12) + 0.03 * rng.standard_normal(3)
    return np.clip(varied, 0.01, 1)


def far_from(rng: np.random.Generator, colour: np.ndarray) -> np.ndarray:
    """Sample a colour (3,) that one sees on another."""
    return max((any_colour(rng) for _ in range(3)), key=lambda other: float(np.abs(other - colour).sum()))
