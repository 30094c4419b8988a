"""Blank pictures of any colour, exact or as a sensor has them.

Every function of this folder takes a generator and (height, width) and returns float32 (H, W, 3) RGB, about [0, 1].
"""

from __future__ import annotations

import cv2
import numpy as np

Size = tuple[int, int]


def draw_colour(rng: np.random.Generator, grey: float = 0.5) -> np.ndarray:
    """Return an RGB colour (3,) float32.

    :param grey: share of colours without hue
    """
    colour = rng.random(3) if rng.random() > grey else np.repeat(rng.random(), 3)
    return np.asarray(colour, np.float32)


def black(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return black, or nearly so: no signal."""
    level = 0.0 if rng.random() < 0.5 else rng.uniform(0.0, 0.08)
    return np.full((*size, 3), level, np.float32)


def white(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return white, or nearly so."""
    level = 1.0 if rng.random() < 0.5 else rng.uniform(0.85, 1.0)
    return np.full((*size, 3), level, np.float32)


def plain(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return one colour or grey."""
    return np.tile(draw_colour(rng), (*size, 1))


def ramp(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return a passage from one colour to another, often a faint one."""
    start, end = draw_colour(rng), draw_colour(rng)
    if rng.random() < 0.6:
        end = start + 0.15 * (end - 0.5)
    return start + direction(rng, size)[..., None] * (end - start)


def direction(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return (H, W) float32 that rises from 0 to 1 across the picture, in any direction."""
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j].astype(np.float32)
    along = np.float32(np.cos(angle)) * columns + np.float32(np.sin(angle)) * rows
    return (along - along.min()) / (along.max() - along.min())


def soft_spots(rng: np.random.Generator, size: Size, spots: int, widest: float = 0.4) -> np.ndarray:
    """Return (H, W) float32 in [0, 1]: round lights of random places and widths, the brightest of which counts.

    :param widest: standard deviation in widths
    """
    rows, columns = np.mgrid[: size[0] / size[1] : size[0] * 1j, : 1 : size[1] * 1j].astype(np.float32)
    light = np.zeros(size, np.float32)
    for _ in range(spots):
        x, y, sigma = rng.uniform(-0.1, 1.1), rng.uniform(-0.1, 0.9), rng.uniform(0.1, 1.0) * widest
        squared = (columns - np.float32(x)) ** 2 + (rows - np.float32(y)) ** 2
        np.maximum(light, np.exp(squared * np.float32(-0.5 / sigma**2)) * np.float32(rng.uniform(0.4, 1.0)), out=light)
    return light


def add_dead_lines(picture: np.ndarray, rng: np.random.Generator) -> None:
    """Let some columns or rows of the sensor fail, in place."""
    lines = picture if rng.random() < 0.3 else picture.swapaxes(0, 1)
    for line in rng.integers(len(lines), size=rng.integers(1, 12)):
        lines[line] = draw_colour(rng, 0.7) if rng.random() < 0.5 else lines[line] * np.float32(rng.uniform(0.5, 1.5))


def degrade(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the picture as a capture card may have it: some with noise, blur or compression, half of them exact."""
    picture = np.clip(picture, 0.0, 1.0)
    if rng.random() < 0.5:
        return picture
    if rng.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 3.0))
    if rng.random() < 0.6:
        channels = 1 if rng.random() < 0.5 else 3
        noise = rng.standard_normal((*picture.shape[:2], channels), dtype=np.float32)
        picture = np.clip(picture + np.float32(rng.uniform(0.0, 0.06)) * noise, 0.0, 1.0)
    if rng.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(8, 90))]
        stream = cv2.imencode('.jpg', (picture[..., ::-1] * 255).astype(np.uint8), quality)[1]
        picture = np.asarray(cv2.imdecode(stream, cv2.IMREAD_COLOR))[..., ::-1].astype(np.float32) / 255
    return picture
