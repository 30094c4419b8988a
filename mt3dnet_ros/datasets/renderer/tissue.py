"""Tissue: a height field with organs on it, and its textures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.datasets.renderer.noise import fractal, ridges
from mt3dnet_ros.datasets.renderer.surfaces import TISSUE, Surface

TEXTURE = 512
GRID = 140
# Pairs of colours, sRGB in [0, 1], between which a tissue's own noise mixes.
PALETTES = np.array(
    [
        [[0.62, 0.30, 0.27], [0.80, 0.52, 0.45]],  # peritoneum
        [[0.45, 0.12, 0.11], [0.62, 0.25, 0.20]],  # liver, kidney
        [[0.80, 0.55, 0.25], [0.92, 0.76, 0.48]],  # fat
        [[0.70, 0.42, 0.42], [0.88, 0.66, 0.62]],  # bowel
        [[0.42, 0.05, 0.06], [0.60, 0.12, 0.10]],  # muscle and blood
        [[0.72, 0.48, 0.38], [0.83, 0.62, 0.52]],  # ex vivo tissue
        [[0.80, 0.70, 0.66], [0.93, 0.87, 0.83]],  # fascia, gauze
        [[0.50, 0.40, 0.42], [0.66, 0.55, 0.58]],  # gallbladder, veins
    ],
    np.float32,
)


@dataclass(frozen=True)
class Tissue:
    """What lies behind the tools.

    :param surfaces: the height field and the organs, metres, camera frame
    :param albedo: (n, TEXTURE, TEXTURE, 3) float32 linear colour, one texture per surface
    :param bumps: (TEXTURE, TEXTURE, 2) float32 slopes that perturb the normals
    :param wetness: (TEXTURE, TEXTURE) float32 strength of the highlights
    :param texture_size: width of a texture in metres
    """

    surfaces: tuple[Surface, ...]
    albedo: np.ndarray
    bumps: np.ndarray
    wetness: np.ndarray
    texture_size: float


def _grid_surface(points: np.ndarray) -> Surface:
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    triangles = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, c, b), (b, c, d))])
    normals = np.cross(np.gradient(points, axis=1), np.gradient(points, axis=0))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-12
    return Surface(points.reshape(-1, 3), triangles, normals.reshape(-1, 3), TISSUE)


def height_field(rng: np.random.Generator, depth: float) -> Surface:
    """Return a tilted, folded sheet that fills the view around a depth in metres."""
    half = 1.6 * depth
    x, y = np.meshgrid(np.linspace(-half, half, GRID), np.linspace(-half, half, GRID))
    amplitude = depth * rng.uniform(0.03, 0.16)
    relief = fractal(rng, GRID, int(rng.integers(2, 5)), 4, 0.45)
    folds = ridges(rng, GRID, int(rng.integers(2, 6)), 2)
    tilt_x, tilt_y = rng.uniform(-0.5, 0.5), rng.uniform(-0.6, 0.2)  # the far side of the field is mostly at the top
    z = depth + tilt_x * x + tilt_y * y - amplitude * relief + rng.uniform(0, 0.08) * depth * folds
    return _grid_surface(np.stack([x, y, np.clip(z, 0.35 * depth, 2.5 * depth)], -1))


def organ(rng: np.random.Generator, depth: float) -> Surface:
    """Return a bulging organ that rests near the height field."""
    n = 60
    theta, phi = np.meshgrid(np.linspace(0, 2 * np.pi, n), np.linspace(0, np.pi, n))
    sphere = np.stack([np.cos(theta) * np.sin(phi), np.sin(theta) * np.sin(phi), -np.cos(phi)], -1)
    bumps = fractal(rng, n, 2, 3, 0.4)
    seam = np.minimum(theta, 2 * np.pi - theta) / np.pi  # no relief where the sphere closes
    radius = 1 + 0.12 * bumps * np.clip(4 * seam, 0, 1) * np.sin(phi)
    axes = depth * rng.uniform(0.12, 0.45, 3) * [1.0, 1.0, 0.6]
    centre = [*rng.uniform(-0.7, 0.7, 2) * depth, depth * rng.uniform(0.95, 1.25)]
    return _grid_surface(sphere * radius[..., None] * axes + centre)


def _albedo(rng: np.random.Generator, photographs: tuple[np.ndarray, ...]) -> np.ndarray:
    if photographs and rng.random() < 0.3:
        return _photograph(rng, photographs[rng.integers(len(photographs))])
    dark, light = PALETTES[rng.integers(len(PALETTES))] * rng.uniform(0.85, 1.15, 3).astype(np.float32)
    mix = np.clip(0.5 + 0.35 * fractal(rng, TEXTURE, int(rng.integers(3, 12)), 6, 0.65), 0, 1)[..., None]
    colour = dark + (light - dark) * mix
    vessels = ridges(rng, TEXTURE, int(rng.integers(3, 9)), 3) * np.clip(fractal(rng, TEXTURE, 3, 2), 0, 1)
    colour *= 1 - rng.uniform(0, 0.7) * vessels[..., None] * np.array([0.35, 0.8, 0.75], np.float32)
    if rng.random() < 0.4:  # a second tissue grows in patches
        patch = 1 / (1 + np.exp(-6 * (fractal(rng, TEXTURE, 4, 5, 0.6) - rng.uniform(0.3, 1.5))))[..., None]
        colour += patch * (PALETTES[rng.integers(len(PALETTES)), 0] * (0.8 + 0.4 * mix) - colour)
    return np.clip(colour, 0, 1) ** np.float32(2.2)


def _photograph(rng: np.random.Generator, photograph: np.ndarray) -> np.ndarray:
    side = int(min(photograph.shape[:2]) * rng.uniform(0.35, 0.95))
    y, x = (int(rng.integers(n - side + 1)) for n in photograph.shape[:2])
    crop = cv2.resize(photograph[y : y + side, x : x + side], (TEXTURE, TEXTURE), interpolation=cv2.INTER_AREA)
    crop = np.rot90(crop, int(rng.integers(4))).astype(np.float32) / 255
    return np.clip(crop * rng.uniform(0.8, 1.5), 0, 1) ** np.float32(2.2)


def load_photographs(data: Path) -> tuple[np.ndarray, ...]:
    """Load the real pictures of tissue without tools below ``data``, RGB uint8; none when it has none."""
    path = data / 'scikit_surgery' / 'laparoscopic_still_no_tool.jpg'
    picture = cv2.imread(str(path)) if path.is_file() else None
    return () if picture is None else (cv2.cvtColor(picture, cv2.COLOR_BGR2RGB),)


def sample_tissue(rng: np.random.Generator, depth: float, photographs: tuple[np.ndarray, ...]) -> Tissue:
    """Sample a field of tissue whose middle lies at a depth in metres."""
    organs = tuple(organ(rng, depth) for _ in range(int(rng.integers(0, 5))))
    surfaces = (height_field(rng, depth), *organs)
    albedo = np.stack([_albedo(rng, photographs) for _ in surfaces])
    relief = rng.uniform(0.3, 1.2) * fractal(rng, TEXTURE, 24, 3, 0.6) + 0.25 * fractal(rng, TEXTURE, 128, 2)
    down, across = np.gradient(relief)
    bumps = np.stack([down, across], -1).astype(np.float32)
    wetness = np.clip(0.6 + 0.6 * fractal(rng, TEXTURE, 6, 4), 0, 2).astype(np.float32)
    return Tissue(surfaces, albedo, bumps, wetness, depth * rng.uniform(0.8, 1.8))
