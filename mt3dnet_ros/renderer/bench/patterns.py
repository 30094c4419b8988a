"""Patterns of materials: pictures (TEXTURE, TEXTURE, 3) float32 sRGB that repeat over a surface."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from mt3dnet_ros.renderer.bench.colours import any_colour, far_from
from mt3dnet_ros.renderer.noise import fractal_noise, ridge_noise

TEXTURE = 256

Pattern = Callable[[np.random.Generator, np.ndarray, int], np.ndarray]  # of a colour (3,) and the most cells on a side


def tinted(colour: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """Return a colour (3,) under a factor (S, S), sRGB."""
    return np.clip(colour * tone[..., None], 0, 1).astype(np.float32)


def mixed(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Blend two colours (3,) by a share (S, S) of the second, sRGB."""
    return (first + (second - first) * np.clip(share, 0, 1)[..., None]).astype(np.float32)


def stained(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Return a picture that is dirty or worn here and there."""
    tone = 1 + rng.uniform(0.0, 0.08) * fractal_noise(rng, picture.shape[0], 3, 4)
    if rng.random() < 0.15:
        spots = fractal_noise(rng, picture.shape[0], int(rng.integers(3, 12)), 3) > rng.uniform(1.5, 2.5)
        return np.where(spots[..., None], any_colour(rng).astype(np.float32), np.clip(picture * tone[..., None], 0, 1))
    return np.clip(picture * tone[..., None], 0, 1).astype(np.float32)


def plain(rng: np.random.Generator, colour: np.ndarray, most: int) -> np.ndarray:
    """Sample paint or smooth plastic."""
    return tinted(colour, 1 + rng.uniform(0.0, 0.04) * fractal_noise(rng, TEXTURE, 4, 3))


def woven(rng: np.random.Generator, colour: np.ndarray, most: int) -> np.ndarray:
    """Sample cloth: threads that cross, in one colour or two."""
    count = int(rng.integers(max(4, most // 4), max(5, most) + 1))
    phase = np.arange(TEXTURE, dtype=np.float32) / TEXTURE * count * np.pi
    warp, weft = np.abs(np.sin(phase))[None], np.abs(np.sin(phase))[:, None]
    checker = np.sign(np.sin(phase) * np.sin(phase)[:, None])
    depth = rng.uniform(0.1, 0.5)
    tone = 1 - depth * (1 - np.where(checker > 0, np.broadcast_to(warp, (TEXTURE,) * 2), weft))
    second = colour * rng.uniform(0.7, 1.2) if rng.random() < 0.6 else any_colour(rng)
    own = mixed(colour, second, 0.5 * (checker > 0) * rng.uniform(0.2, 1.0))
    return np.clip(own * (tone * (1 + 0.05 * fractal_noise(rng, TEXTURE, 6, 4)))[..., None], 0, 1).astype(np.float32)


def ribbed(rng: np.random.Generator, colour: np.ndarray, most: int) -> np.ndarray:
    """Sample ribs, stripes or corrugated cardboard: smooth or sharp, even or uneven."""
    count = int(rng.integers(2, max(4, most)))
    place = np.arange(TEXTURE, dtype=np.float32) / TEXTURE
    wave = np.sin(2 * np.pi * count * place + rng.uniform(0, 3) * np.sin(2 * np.pi * place * rng.integers(1, 4)))
    share = np.clip(0.5 + rng.choice([0.5, 20.0]) * wave, 0, 1) * rng.uniform(0.15, 1.0)
    second = colour * rng.uniform(0.5, 0.9) if rng.random() < 0.5 else far_from(rng, colour)
    rows = np.broadcast_to(share, (TEXTURE, TEXTURE))
    return mixed(colour, second, rows if rng.random() < 0.5 else rows.T)


def checked(rng: np.random.Generator, colour: np.ndarray, most: int) -> np.ndarray:
    """Sample squared or tartan cloth, tiles, graph paper: stripes both ways."""
    count = int(rng.integers(2, max(3, most // 3)))
    place = (np.arange(TEXTURE) * count / TEXTURE) % 1
    line = (place < rng.uniform(0.05, 0.6)).astype(np.float32)
    share = 0.5 * (line[None] + line[:, None]) if rng.random() < 0.5 else np.maximum(line[None], line[:, None])
    return mixed(colour, far_from(rng, colour), share * rng.uniform(0.2, 1.0))


def dotted(rng: np.random.Generator, colour: np.ndarray, most: int) -> np.ndarray:
    """Sample perforated boards, dots, holes in rows."""
    count = int(rng.integers(3, max(4, most // 3)))
    place = (np.arange(TEXTURE) * count / TEXTURE) % 1 - 0.5
    away = np.hypot(place[None], place[:, None])
    edge = np.clip((rng.uniform(0.12, 0.4) - away) * TEXTURE / count / 2 + 0.5, 0, 1)
    return mixed(colour, far_from(rng, colour), edge * rng.uniform(0.4, 1.0))


def wooden(rng: np.random.Generator, colour: np.ndarray, most: int) -> np.ndarray:
    """Sample wood: grain that runs along one side."""
    colour = np.array([0.72, 0.52, 0.33]) * rng.uniform(0.5, 1.3) * (1 + 0.08 * rng.standard_normal(3))
    small = fractal_noise(rng, TEXTURE, 4, 3)
    bent = cv2.resize(small[:, : TEXTURE // 8], (TEXTURE, TEXTURE), interpolation=cv2.INTER_CUBIC)
    place = np.arange(TEXTURE, dtype=np.float32)[:, None] / TEXTURE
    rings = np.sin(2 * np.pi * (rng.uniform(4, 16) * place + rng.uniform(0.4, 1.5) * bent))
    fibres = cv2.blur(rng.standard_normal((TEXTURE, TEXTURE)).astype(np.float32), (61, 1)) * 7
    return tinted(colour, 1 + rng.uniform(0.04, 0.16) * rings + rng.uniform(0.02, 0.08) * fibres)


def brushed(rng: np.random.Generator, colour: np.ndarray, most: int) -> np.ndarray:
    """Sample brushed or scratched metal."""
    fibres = cv2.blur(rng.standard_normal((TEXTURE, TEXTURE)).astype(np.float32), (91, 1)) * 9
    tone = 1 + rng.uniform(0.02, 0.12) * fibres + rng.uniform(0, 0.1) * fractal_noise(rng, TEXTURE, 3, 3)
    return tinted(np.full(3, rng.uniform(0.35, 0.85)) * (1 + 0.04 * rng.standard_normal(3)), tone)


def mottled(rng: np.random.Generator, colour: np.ndarray, most: int) -> np.ndarray:
    """Sample marble, clouds, meat, silicone with pigments: two colours that flow into each other."""
    second = colour * rng.uniform(0.5, 0.95) if rng.random() < 0.6 else any_colour(rng)
    share = 0.5 + 0.35 * fractal_noise(rng, TEXTURE, int(rng.integers(2, 14)), 5, 0.6)
    picture = mixed(colour, second, share * rng.uniform(0.3, 1.0))
    if rng.random() < 0.35:  # veins
        veins = ridge_noise(rng, TEXTURE, int(rng.integers(2, 8)), 3, rng.uniform(6, 20))
        picture += (any_colour(rng) - picture) * (rng.uniform(0.2, 0.8) * veins)[..., None].astype(np.float32)
    return np.clip(picture, 0, 1)


def speckled(rng: np.random.Generator, colour: np.ndarray, most: int) -> np.ndarray:
    """Sample laminate, granite, foam with pores, felt."""
    grains = fractal_noise(rng, TEXTURE, int(rng.integers(most // 2 + 2, 2 * most + 4)), 2, 0.8)
    if rng.random() < 0.5:
        return tinted(colour, 1 + rng.uniform(0.05, 0.25) * grains)
    return mixed(colour, far_from(rng, colour), (grains > rng.uniform(0.8, 2.0)) * rng.uniform(0.2, 1.0))


CLOTHS: tuple[Pattern, ...] = (woven, woven, plain, plain, ribbed, checked, mottled, speckled)
HARD: tuple[Pattern, ...] = (plain, plain, wooden, brushed, speckled, mottled, dotted, checked, ribbed)


def material(rng: np.random.Generator, patterns: tuple[Pattern, ...], colour: np.ndarray, most: int) -> np.ndarray:
    """Sample a picture of one of some patterns in a colour (3,), worn and stained.

    :param most: cells along a side that can still be seen
    """
    return stained(rng, patterns[rng.integers(len(patterns))](rng, colour, int(np.clip(most, 6, TEXTURE // 5))))
