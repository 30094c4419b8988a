"""Plain textures of tissue: mottled colour between two tones, or a photograph, with vessels and bumps."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mt3dnet_ros.renderer.domains.tissue import Skin
from mt3dnet_ros.renderer.noise import cell_count, fractal_noise, ridge_noise
from mt3dnet_ros.renderer.tissue.palettes import PALETTES
from mt3dnet_ros.renderer.tissue.vessels import TEXTURE


def plain_albedo(rng: np.random.Generator, skin: Skin, size: float, photographs: tuple[np.ndarray, ...]) -> np.ndarray:
    """Sample linear colour (TEXTURE, TEXTURE, 3) float32 for a texture's width in metres."""
    if rng.random() < skin.photographs and photographs:
        return _photograph(rng, photographs[rng.integers(len(photographs))])
    dark, light = PALETTES[rng.integers(len(PALETTES))] * rng.uniform(*skin.brightness, 3).astype(np.float32)
    mottling = fractal_noise(rng, TEXTURE, cell_count(size, rng.uniform(*skin.mottling)), 5, 0.65)
    mix = np.clip(0.5 + 0.35 * mottling, 0, 1)[..., None]
    colour = (dark + (light - dark) * mix) * _vessels(rng, skin, size)
    if rng.random() < skin.patches:
        patch = 1 / (1 + np.exp(-6 * (fractal_noise(rng, TEXTURE, 4, 5, 0.6) - rng.uniform(0.3, 1.5))))[..., None]
        colour += patch * (PALETTES[rng.integers(len(PALETTES)), 0] * (0.8 + 0.4 * mix) - colour)
    return np.clip(colour, 0, 1) ** np.float32(2.2)


def _vessels(rng: np.random.Generator, skin: Skin, size: float) -> np.ndarray:
    spacing, width = rng.uniform(*skin.vessel_spacing), rng.uniform(*skin.vessel_width)
    lines = ridge_noise(rng, TEXTURE, cell_count(size, spacing), 2, spacing / width)
    lines *= np.clip(0.5 + fractal_noise(rng, TEXTURE, 3, 2), 0, 1)
    absorbed = np.float32(rng.uniform(*skin.vessel_contrast)) * np.array([0.35, 0.8, 0.75], np.float32)
    return 1 - lines[..., None] * absorbed


def plain_bumps(rng: np.random.Generator, skin: Skin, size: float) -> np.ndarray:
    """Sample slopes (TEXTURE, TEXTURE, 2) float32 of fine relief for a texture's width in metres."""
    height = rng.uniform(*skin.bump_height)
    relief = height * fractal_noise(rng, TEXTURE, cell_count(size, 0.004), 2, 0.5)
    relief += 0.1 * height * fractal_noise(rng, TEXTURE, cell_count(size, 0.0008), 1)
    down, across = np.gradient(relief, size / TEXTURE)
    return np.stack([across, down], -1).astype(np.float32)


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
    return () if picture is None else (cv2.cvtColor(crop_to_lit_part(picture), cv2.COLOR_BGR2RGB),)


def crop_to_lit_part(picture: np.ndarray) -> np.ndarray:
    """Cut the inner part out of a round view (H, W, 3), without its black surroundings."""
    lit = picture.max(-1) > 25
    (top, bottom), (left, right) = (np.flatnonzero(lit.mean(axis) > 0.02)[[0, -1]] for axis in (1, 0))
    y, x = round(0.15 * (bottom - top)), round(0.15 * (right - left))
    return picture[top + y : bottom - y, left + x : right - x]
