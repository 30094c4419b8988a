"""How instrument surfaces look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.datasets.renderer.noise import fractal
from mt3dnet_ros.datasets.renderer.surfaces import CABLE, METAL, SHAFT

TEXTURE = 256


@dataclass(frozen=True)
class Finish:
    """The look of one material.

    :param albedo: linear colour, diffuse
    :param specular: strength of the highlight
    :param gloss: Blinn-Phong exponent
    :param mirror: strength of the reflected surroundings
    :param scratches: (TEXTURE, TEXTURE) float32 factor on the colour, along and around the tool
    """

    albedo: np.ndarray
    specular: float
    gloss: float
    mirror: float
    scratches: np.ndarray


def _scratches(rng: np.random.Generator, depth: float) -> np.ndarray:
    marks = 1 + depth * fractal(rng, TEXTURE, 30, 3, 0.7)
    if rng.random() < 0.5:  # worn spots and printed marks
        marks += 4 * (fractal(rng, TEXTURE, 20, 3, 0.8) > rng.uniform(1.9, 3.0))
    return np.clip(marks, 0.2, 6).astype(np.float32)


def _metal(rng: np.random.Generator) -> Finish:
    tint = 1 + 0.06 * rng.standard_normal(3)
    grey = rng.uniform(0.05, 0.4)
    return Finish(
        (grey * tint).astype(np.float32),
        rng.uniform(0.2, 1.5),
        rng.uniform(8, 90),
        rng.uniform(0.4, 2.0),
        _scratches(rng, rng.uniform(0, 0.25)),
    )


def _shaft(rng: np.random.Generator) -> Finish:
    if rng.random() < 0.2:  # bare steel
        return _metal(rng)
    grey = 10 ** rng.uniform(-2.3, -0.75)
    tint = np.array([1.0, 1.0 + rng.uniform(-0.05, 0.12), 1.0 + rng.uniform(-0.1, 0.3)])
    return Finish(
        (grey * tint).astype(np.float32),
        rng.uniform(0.03, 0.5),
        rng.uniform(6, 60),
        rng.uniform(0, 0.15),
        _scratches(rng, rng.uniform(0, 0.35)),
    )


def _cable(rng: np.random.Generator) -> Finish:
    grey = rng.uniform(0.01, 0.15)
    return Finish(np.full(3, grey, np.float32), 0.2, 20.0, 0.1, _scratches(rng, 0.3))


def sample_finishes(rng: np.random.Generator) -> dict[int, Finish]:
    """Sample the look of a tool, by material."""
    return {METAL: _metal(rng), SHAFT: _shaft(rng), CABLE: _cable(rng)}
