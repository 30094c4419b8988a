"""The light in a scene."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mt3dnet_ros.renderer.domains.domain import Lights
from mt3dnet_ros.renderer.domains.tools import Looks
from mt3dnet_ros.renderer.tissue.tissue import Tissue


@dataclass(frozen=True)
class Lighting:
    """Lights beside the lens.

    :param positions: (n, 3) metres, camera frame
    :param falloff: exponent of the fall with distance
    :param ambient: light that shadows keep, in [0, 1]
    :param surroundings: linear colour of what metal reflects
    :param gloss: Blinn-Phong exponent of wet tissue
    :param shine: strength of highlights on tissue
    :param shadow_start: where on the way to a light what casts a shadow begins, as a share of the way
    """

    positions: np.ndarray
    falloff: float
    ambient: float
    surroundings: np.ndarray
    gloss: float
    shine: float
    shadow_start: float = 0.01


def sample_lighting(rng: np.random.Generator, lights: Lights) -> Lighting:
    """Sample the endoscope's lights: one outlet beside the lens, or two on either side."""
    angle, offset = rng.uniform(0, 2 * math.pi), rng.uniform(*lights.offset)
    light = offset * np.array([math.cos(angle), math.sin(angle), 0.0])
    positions = np.stack([light, -light]) if rng.random() < 0.5 else light[None]
    surroundings = np.array([0.55, 0.3, 0.28]) * rng.uniform(*lights.surroundings) + rng.uniform(0, 0.3)
    return Lighting(
        positions,
        rng.uniform(*lights.falloff),
        rng.uniform(*lights.ambient),
        surroundings,
        rng.uniform(*lights.gloss),
        rng.uniform(*lights.shine),
    )


def lit_by_tissue(rng: np.random.Generator, lighting: Lighting, tissue: Tissue, looks: Looks) -> Lighting:
    """Return a lighting whose surroundings take the tissue's colour, as far as ``looks`` says."""
    share = rng.uniform(*looks.tissue_glow)
    colour = tissue.albedo[0, ::16, ::16].mean((0, 1))
    colour = colour / (colour.mean() + 1e-6) * lighting.surroundings.mean()
    return replace(lighting, surroundings=lighting.surroundings + share * (colour - lighting.surroundings))
