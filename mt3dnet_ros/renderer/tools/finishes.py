"""How instrument surfaces look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.renderer.domains.tools import Finishes
from mt3dnet_ros.renderer.meshes import CABLE, COVER, METAL, SHAFT
from mt3dnet_ros.renderer.noise import fractal_noise

TEXTURE = 192


@dataclass(frozen=True)
class Stain:
    """What sticks to a surface.

    :param colour: (3,) linear colour
    :param share: (TEXTURE, TEXTURE) float32, how much of it is covered, in [0, 1]
    """

    colour: np.ndarray
    share: np.ndarray


@dataclass(frozen=True)
class Finish:
    """The look of one material.

    :param albedo: linear colour, diffuse
    :param specular: strength of the highlight
    :param gloss: Blinn-Phong exponent
    :param mirror: strength of the reflected surroundings
    :param scratches: (S, S) float32 factor on the colour, along and around the tool; or (S, S, 3) for each channel
    :param sheen: strength of reflections that do not take the material's colour, as in lacquer and plastic
    :param stain: what sticks to it; None for nothing
    """

    albedo: np.ndarray
    specular: float
    gloss: float
    mirror: float
    scratches: np.ndarray
    sheen: float = 0.0
    stain: Stain | None = None


def _scratches(rng: np.random.Generator, ranges: Finishes) -> np.ndarray:
    marks = 1 + np.float32(rng.uniform(*ranges.scratches)) * fractal_noise(rng, TEXTURE, 30, 3, 0.7)
    if rng.random() < ranges.worn:  # worn spots and printed marks
        marks += 4 * (fractal_noise(rng, TEXTURE, 20, 3, 0.8) > rng.uniform(1.9, 3.0))
    return np.clip(marks, 0.2, 6).astype(np.float32)


def _tinted(rng: np.random.Generator, colour: np.ndarray, ranges: Finishes) -> np.ndarray:
    return (colour * (1 + ranges.metal_tint * rng.standard_normal(3))).astype(np.float32)


def _metal(rng: np.random.Generator, ranges: Finishes, albedo: np.ndarray) -> Finish:
    return Finish(
        _tinted(rng, albedo, ranges),
        rng.uniform(*ranges.metal_specular),
        rng.uniform(*ranges.metal_gloss),
        rng.uniform(*ranges.metal_mirror),
        _scratches(rng, ranges),
    )


def _grey_metal(rng: np.random.Generator, ranges: Finishes) -> Finish:
    return _metal(rng, ranges, np.full(3, rng.uniform(*ranges.metal_grey)))


def _shaft(rng: np.random.Generator, ranges: Finishes) -> Finish:
    if rng.random() < ranges.steel_shafts:
        return _grey_metal(rng, ranges)
    grey = np.exp(rng.uniform(*np.log(ranges.shaft_grey)))
    return _plastic(rng, ranges, grey * np.array([1.0, 1.0, rng.uniform(*ranges.shaft_blue)]))


def _plastic(rng: np.random.Generator, ranges: Finishes, albedo: np.ndarray) -> Finish:
    return Finish(
        _tinted(rng, albedo, ranges),
        rng.uniform(0.03, 0.5),
        rng.uniform(6, 60),
        rng.uniform(0, 0.15),
        _scratches(rng, ranges),
    )


def _cable(rng: np.random.Generator, ranges: Finishes) -> Finish:
    grey = rng.uniform(0.01, 0.15)
    return Finish(np.full(3, grey, np.float32), 0.2, 20.0, 0.1, _scratches(rng, ranges))


def sample_finishes(rng: np.random.Generator, ranges: Finishes, class_id: int) -> dict[int, Finish]:
    """Sample the look of a tool of a class, by material."""
    metal, shaft = ranges.metals.get(class_id), ranges.shafts.get(class_id)
    bare = _metal(rng, ranges, np.array(metal)) if metal else _grey_metal(rng, ranges)
    return {
        METAL: bare,
        SHAFT: _plastic(rng, ranges, np.array(shaft)) if shaft else _shaft(rng, ranges),
        CABLE: _cable(rng, ranges),
        COVER: bare,
    }
