"""Looks of tools beyond plain metal and black: printed, banded, white, chromed and tinted shafts, insulated jaws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mt3dnet_ros.renderer.domains.tools import Looks
from mt3dnet_ros.renderer.meshes import COVER, METAL, SHAFT
from mt3dnet_ros.renderer.noise import fractal_noise
from mt3dnet_ros.renderer.tools.finishes import TEXTURE, Finish
from mt3dnet_ros.renderer.tools.print_marks import AROUND, bands, print_marks

WRISTED_INSULATED = 0.25  # share of the chance that a wristed tool's jaws are insulated
WHOLLY_INSULATED = 0.7  # share of those whose wrist is as dark
PLASTICS = np.array(
    [[0.02, 0.10, 0.45], [0.02, 0.30, 0.22], [0.05, 0.35, 0.08], [0.30, 0.33, 0.36], [0.45, 0.20, 0.03]]
)


def with_looks(
    rng: np.random.Generator, finishes: Mapping[int, Finish], looks: Looks, wristed: bool
) -> dict[int, Finish]:
    """Return the finishes of a tool with what the chances of ``looks`` add or replace."""
    shaft, metal = _shaft(rng, finishes[SHAFT], looks), finishes[METAL]
    if rng.random() < looks.polished:
        metal = chrome_finish(rng)
    insulated = rng.random() < looks.insulated * (WRISTED_INSULATED if wristed else 1.0)
    cover = plastic(rng, looks, np.full(3, rng.uniform(0.008, 0.06)), metal.scratches) if insulated else metal
    if insulated and wristed:
        metal = cover if rng.random() < WHOLLY_INSULATED else metal
    return {**finishes, SHAFT: shaft, METAL: metal, COVER: cover}


def _shaft(rng: np.random.Generator, plain: Finish, looks: Looks) -> Finish:
    white, chromed_ones, coloured, stained = np.cumsum(
        [looks.white_shafts, looks.chromed_shafts, looks.coloured_shafts, looks.stained_shafts]
    )
    style = rng.random()
    if style < white:
        return plastic(rng, looks, rng.uniform(0.4, 0.8) * (1 + 0.04 * rng.standard_normal(3)), plain.scratches)
    if style < chromed_ones:
        return chrome_finish(rng)
    if style < coloured:
        plain = plastic(rng, looks, PLASTICS[rng.integers(len(PLASTICS))] * rng.uniform(0.6, 1.5), plain.scratches)
    elif style < stained:
        plain = plastic(rng, looks, _brownish(rng), plain.scratches)
    elif plain.mirror < 0.2:  # lacquered or of plastic, not of steel
        plain = replace(plain, sheen=rng.uniform(*looks.sheen))
    return marked(rng, plain, looks)


def _brownish(rng: np.random.Generator) -> np.ndarray:
    green = rng.uniform(0.5, 1.0)
    return np.exp(rng.uniform(*np.log((0.01, 0.25)))) * np.array([1.0, green, green * rng.uniform(0.4, 1.0)])


def plastic(rng: np.random.Generator, looks: Looks, albedo: np.ndarray, scratches: np.ndarray) -> Finish:
    """Sample plastic of a linear colour (3,)."""
    sheen = rng.uniform(*looks.sheen)
    return Finish(
        albedo.astype(np.float32), rng.uniform(0.1, 0.8), rng.uniform(10, 90), rng.uniform(0.05, 0.2), scratches, sheen
    )


def chrome_finish(rng: np.random.Generator) -> Finish:
    """Sample bright metal with dark slits, which mirrors light and dark side by side."""
    slits = np.kron(fractal_noise(rng, TEXTURE // 8, 8, 2), np.ones((8, 8), np.float32))
    marks = 1 + 0.15 * fractal_noise(rng, TEXTURE, 24, 2) - 0.9 * (slits > rng.uniform(1.0, 2.5))
    albedo = (rng.uniform(0.2, 0.5) * (1 + 0.03 * rng.standard_normal(3))).astype(np.float32)
    mirror, specular, gloss = rng.uniform(1.0, 2.5), rng.uniform(0.8, 2.5), rng.uniform(30, 150)
    return Finish(albedo, specular, gloss, mirror, np.clip(marks, 0.08, 3).astype(np.float32))


def marked(rng: np.random.Generator, finish: Finish, looks: Looks, around: int = AROUND) -> Finish:
    """Print on a shaft and put rings around it; what is printed is white on dark shafts, dark on bright ones.

    :param around: pixels of the print around half of the shaft, see ``print_marks``
    """
    grey = float(finish.albedo.mean())
    contrast = rng.uniform(0.35, 0.75) / grey if grey < 0.25 else 0.1
    marks = finish.scratches
    if rng.random() < looks.printed:
        ink = print_marks(rng, TEXTURE, looks.print_weight, around)
        marks = marks + ink * np.float32(contrast - 1)
    if rng.random() < looks.banded:
        marks = marks + bands(rng, TEXTURE) * np.float32(rng.choice([0.3, 1.0]) * (contrast - 1))
    return replace(finish, scratches=np.maximum(marks, 0.02))
