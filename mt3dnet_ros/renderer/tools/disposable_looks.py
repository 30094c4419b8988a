"""How disposable tools look: pale or dark plastic, coloured decks, bright steel; and the blood on any tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mt3dnet_ros.renderer.domains.tools import Looks
from mt3dnet_ros.renderer.meshes import COVER, METAL, PAD, SHAFT
from mt3dnet_ros.renderer.noise import fractal_noise
from mt3dnet_ros.renderer.tools.finishes import TEXTURE, Finish, Stain
from mt3dnet_ros.renderer.tools.looks import chrome_finish, marked, plastic
from mt3dnet_ros.renderer.tools.print_marks import AROUND

FIVE_MM = 0.0025  # radius of the shaft that print is laid out for, metres
# sRGB in [0, 1]
PALE = np.array(
    [
        [0.93, 0.90, 0.80],
        [0.95, 0.95, 0.93],
        [0.82, 0.76, 0.64],
        [0.74, 0.75, 0.76],
        [0.60, 0.61, 0.62],
        [0.7, 0.8, 0.88],
    ]
)
DECKS = np.array(
    [[0.95, 0.95, 0.92], [0.9, 0.87, 0.78], [0.2, 0.4, 0.75], [0.2, 0.6, 0.4], [0.6, 0.62, 0.65], [0.85, 0.7, 0.2]]
)
# Linear colours of what sticks to tools: fresh and clotted blood, char.
STAINS = np.array([[0.25, 0.012, 0.012], [0.06, 0.003, 0.004], [0.03, 0.014, 0.008]])
COVERS = ('dark', 'grey', 'pale', 'chromed')
COVER_CHANCES = (0.4, 0.2, 0.2, 0.2)
CHROMED_METAL = 0.4  # share of disposable tools with bright steel in place of the domain's metal


def disposable_finishes(
    rng: np.random.Generator, finishes: Mapping[int, Finish], looks: Looks, radius: float
) -> dict[int, Finish]:
    """Return the finishes of a disposable tool, by those that it would have as any other tool.

    :param radius: of its shaft, metres; print on thick ones is laid out anew
    """
    shaft, metal = finishes[SHAFT], finishes[METAL]
    if rng.random() < looks.pale:
        around = round(AROUND * max(1.0, radius / FIVE_MM))
        shaft = marked(rng, plastic(rng, looks, _shade(rng, PALE), shaft.scratches), looks, around)
    if rng.random() < CHROMED_METAL:
        metal = chrome_finish(rng)
    pad = plastic(rng, looks, _shade(rng, DECKS), metal.scratches)
    return {**finishes, SHAFT: shaft, METAL: metal, COVER: _cover(rng, finishes[COVER], looks), PAD: pad}


def _shade(rng: np.random.Generator, colours: np.ndarray) -> np.ndarray:
    shade: np.ndarray = colours[rng.integers(len(colours))] ** 2.2 * rng.uniform(0.6, 1.1)
    return shade * (1 + 0.04 * rng.standard_normal(3))


def _cover(rng: np.random.Generator, plain: Finish, looks: Looks) -> Finish:
    kind = rng.choice(COVERS, p=COVER_CHANCES)
    if kind == 'chromed':
        return chrome_finish(rng)
    if kind == 'pale':
        return plastic(rng, looks, _shade(rng, PALE), plain.scratches)
    low, high = (0.008, 0.05) if kind == 'dark' else (0.08, 0.3)
    return plastic(rng, looks, np.full(3, rng.uniform(low, high)), plain.scratches)


def bloodied(rng: np.random.Generator, finishes: Mapping[int, Finish], looks: Looks) -> dict[int, Finish]:
    """Return finishes with blood or char in patches, by the chance of ``looks``: more on jaws than on the shaft."""
    if rng.random() >= looks.bloody:
        return dict(finishes)
    cover = rng.uniform(*looks.blood_cover)
    colour = (STAINS[rng.integers(len(STAINS))] * rng.uniform(0.6, 1.5)).astype(np.float32)
    field = fractal_noise(rng, TEXTURE, int(rng.integers(8, 30)), 4, 0.6)
    strength = rng.uniform(0.6, 1.0)
    jaws, shaft = (Stain(colour, _patches(field, share, strength)) for share in (cover, cover * rng.uniform(0.0, 0.6)))
    return {
        material: replace(finish, stain=shaft if material == SHAFT else jaws) for material, finish in finishes.items()
    }


def _patches(field: np.ndarray, share: float, strength: float) -> np.ndarray:
    """Return patches (TEXTURE, TEXTURE) float32 that cover a share of a texture."""
    level = np.float32(np.quantile(field, 1 - share))
    patches: np.ndarray = np.float32(strength) / (1 + np.exp(-10 * (field - level)))
    return patches
