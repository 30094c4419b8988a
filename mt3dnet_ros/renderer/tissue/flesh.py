"""Anatomical textures: kinds of tissue side by side, with vessels, lobules, blood, burns and wet relief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.tissue import Flesh
from mt3dnet_ros.renderer.noise import fractal_noise
from mt3dnet_ros.renderer.streams import stream
from mt3dnet_ros.renderer.tissue.palettes import TISSUE_KINDS, TissueKind
from mt3dnet_ros.renderer.tissue.vessels import TEXTURE, TREES, vessel_trees

COARSE = 96
MOST_KINDS = 4  # in one scene; each takes its time
BLOOD = np.array([0.045, 0.001, 0.002], np.float32)  # linear
CHAR = np.array([0.012, 0.006, 0.004], np.float32)
WHITE = np.array([0.80, 0.68, 0.56], np.float32)
SEAM = np.array([0.75, 0.5, 0.45], np.float32)  # what the seams of lobules leave of light


class TissueTexture(NamedTuple):
    """The texture of one mesh.

    :param albedo: (TEXTURE, TEXTURE, 3) float32 linear colour
    :param bumps: (TEXTURE, TEXTURE, 2) float32 slopes that perturb the normals
    :param wetness: (TEXTURE, TEXTURE) float32 strength of the highlights
    """

    albedo: np.ndarray
    bumps: np.ndarray
    wetness: np.ndarray


def sample_kinds(rng: np.random.Generator, count: int) -> list[TissueKind]:
    """Sample different kinds by their frequency."""
    frequency = np.array([kind.frequency for kind in TISSUE_KINDS.values()])
    chosen = rng.choice(len(frequency), count, replace=False, p=frequency / frequency.sum())
    return [list(TISSUE_KINDS.values())[index] for index in chosen]


def paint_textures(
    rng: np.random.Generator, flesh: Flesh, size: float, count: int, fat: int = 0
) -> tuple[TissueTexture, ...]:
    """Paint the textures of a field and of what lies on it, for a texture's width in metres.

    The field has regions of some kinds; everything else is of one kind each, and the last ``fat`` textures are of fat.
    """
    regions = int(rng.integers(flesh.regions[0], flesh.regions[1] + 1))
    kinds = sample_kinds(rng, min(MOST_KINDS, regions + count - 1))
    textures = [_paint_kind(rng, kind, flesh, size) for kind in kinds]
    field = _blend(textures[:regions], _regions(rng, regions)) if regions > 1 else textures[0]
    if rng.random() < flesh.blood:
        field = _stained(rng, field, BLOOD, smoothness=0.8, wetness=2.0)
    if rng.random() < flesh.char:
        field = _stained(rng, field, CHAR, smoothness=-0.5, wetness=0.3)
    field = _bright(stream(rng, 'bright'), field, flesh)
    painted = [field, *(textures[(regions + index) % len(textures)] for index in range(count - 1))]
    if fat:
        painted += [_paint_kind(rng, TISSUE_KINDS['fat'], flesh, size)] * fat
    wet = _wet_patches(rng, flesh)
    return tuple(texture._replace(wetness=texture.wetness * wet) for texture in painted)


def _bright(rng: np.random.Generator, field: TissueTexture, flesh: Flesh) -> TissueTexture:
    """Bleach patches of the field and let others glare, each by its chance."""
    if rng.random() < flesh.bleached:
        white = WHITE * rng.uniform(0.8, 1.15, 3).astype(np.float32)
        sharpness = rng.uniform(1.5, 8.0)
        field = _stained(
            rng, field, white, sharpness=sharpness, smoothness=rng.uniform(-1.0, 0.6), wetness=rng.uniform(0.5, 3.0)
        )
    if rng.random() < flesh.glaring:
        spots = _spots(rng, int(rng.integers(2, 7)))[..., 0]
        wetness = field.wetness * (1 + np.float32(rng.uniform(*flesh.glare)) * spots)
        slopes = field.bumps * (1 + np.float32(rng.uniform(-0.5, 1.5)) * spots[..., None])
        field = field._replace(wetness=wetness, bumps=slopes)
    return field


def _blend(textures: Sequence[TissueTexture], shares: np.ndarray) -> TissueTexture:
    return TissueTexture(
        *(np.einsum('nij,nij...->ij...', shares, np.stack(layer)) for layer in zip(*textures, strict=True))
    )


def _soft(rng: np.random.Generator, cells: int, octaves: int, gain: float = 0.5) -> np.ndarray:
    """Return noise as ``fractal_noise`` does, made at a coarse size to save time."""
    return cv2.resize(
        fractal_noise(rng, COARSE, cells, octaves, gain), (TEXTURE, TEXTURE), interpolation=cv2.INTER_CUBIC
    )


def _regions(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return the share (count, TEXTURE, TEXTURE) of each region at each point; they sum to 1."""
    sharpness = np.float32(rng.uniform(4.0, 16.0))
    weights = np.exp(sharpness * np.stack([_soft(rng, int(rng.integers(1, 3)), 5) for _ in range(count)]))
    shares: np.ndarray = weights / weights.sum(0)
    return shares


def _paint_kind(rng: np.random.Generator, kind: TissueKind, flesh: Flesh, size: float) -> TissueTexture:
    grain = rng.standard_normal((TEXTURE, TEXTURE), dtype=np.float32)
    fine = cv2.GaussianBlur(grain, (0, 0), _texels(0.0003, size), sigmaY=kind.streaks * _texels(0.0003, size))
    fine = fine / fine.std()
    mix = np.clip(0.5 + 0.25 * _soft(rng, max(2, round(size / 0.02)), 4, 0.6) + 0.08 * fine, 0, 1)
    dark, light = (_linear(colour, rng) for colour in (kind.dark, kind.light))
    albedo = np.multiply.outer(mix, light - dark)
    albedo += dark
    relief = 0.0004 * fine + 0.0008 * _soft(rng, max(2, round(size / 0.006)), 3)
    slopes = _slopes(relief)
    slopes *= kind.relief * rng.uniform(*flesh.relief) / slopes.std()
    if kind.lobules:
        domes, seams = _lobules(rng, rng.uniform(0.6, 1.6) * kind.lobules, size)
        albedo *= 1 - seams[..., None] * (1 - SEAM)
        slopes += rng.uniform(0.4, 1.0) * domes
    if kind.vessels:
        albedo *= 1 - _vessels(rng, kind, size)[..., None] * np.array([0.35, 0.85, 0.8], np.float32)
    return TissueTexture(albedo, slopes, np.full((TEXTURE, TEXTURE), kind.wetness, np.float32))


def _linear(colour: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    varied = np.clip(np.array(colour) * (1 + 0.03 * rng.standard_normal(3) + 0.08 * rng.standard_normal()), 0.01, 1)
    return (varied**2.2).astype(np.float32)


def _texels(metres: float, size: float) -> float:
    return max(0.6, metres * TEXTURE / size)


def _slopes(relief: np.ndarray) -> np.ndarray:
    down, across = np.gradient(relief)
    return np.stack([across, down], -1)


def _lobules(rng: np.random.Generator, diameter: float, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes (S, S, 2) of unit order and seams (S, S) in [0, 1] of cells about seeds (Worley noise)."""
    radius = 0.5 * _texels(diameter, size)
    seeds = np.ones((TEXTURE, TEXTURE), np.uint8)
    seeds.ravel()[rng.integers(0, seeds.size, round(seeds.size / (4 * radius**2)))] = 0
    away = cv2.GaussianBlur(cv2.distanceTransform(seeds, cv2.DIST_L2, 3), (0, 0), 0.1 * radius) / np.float32(radius)
    return 0.5 * radius * _slopes(away**2), np.clip(1.5 * away - 1.3, 0, 1)


def _vessels(rng: np.random.Generator, kind: TissueKind, size: float) -> np.ndarray:
    """Return trees of vessels, (TEXTURE, TEXTURE) float32 from 0 to the contrast."""
    width = round(kind.vessel_width * rng.uniform(0.4, 1.5) * TEXTURE / size)
    drawn = vessel_trees(int(rng.integers(TREES)), int(np.clip(width, 1, 5)))
    drawn = np.rot90(drawn[:: int(rng.choice([-1, 1]))], int(rng.integers(4)))
    return drawn * np.float32(kind.vessels * rng.uniform(0.4, 1.0))


def _wet_patches(rng: np.random.Generator, flesh: Flesh) -> np.ndarray:
    level = np.float32(np.exp(rng.uniform(*np.log(flesh.wetness))))
    return level * np.clip(0.6 + 0.7 * _soft(rng, 6, 4), 0.05, 2.5)


def _spots(rng: np.random.Generator, cells: int, sharpness: float = 8.0) -> np.ndarray:
    """Return how far each point lies in a spot, (TEXTURE, TEXTURE, 1) float32 in [0, 1]."""
    field = _soft(rng, cells, 5, 0.6)
    spots: np.ndarray = (
        1 / (1 + np.exp(-np.float32(sharpness) * (field - np.float32(rng.uniform(0.6, 1.8)))))[..., None]
    )
    return spots


def _stained(
    rng: np.random.Generator,
    texture: TissueTexture,
    colour: np.ndarray,
    smoothness: float,
    wetness: float,
    sharpness: float = 8.0,
) -> TissueTexture:
    """Cover spots with a linear colour; smooth spots lose their relief, rough ones (below 0) gain some.

    :param sharpness: of the spots' borders
    """
    spots = _spots(rng, int(rng.integers(2, 6)), sharpness)
    albedo = texture.albedo + spots * np.float32(rng.uniform(0.6, 0.97)) * (colour - texture.albedo)
    wet = texture.wetness * (1 + (wetness - 1) * spots[..., 0])
    return TissueTexture(albedo, texture.bumps * (1 - smoothness * spots), wet)
