"""Noise of any scale, colour and smoothness, and the garbage of receivers and decoders."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.noise import fractal_noise

from .blank import Size, draw_colour


def white_noise(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return grains of one to many pixels, square or smooth, grey or coloured, normal or uniform."""
    grain = int(rng.choice([1, 1, 1, 2, 3, 5, 8, 16, 32]))
    channels = 1 if rng.random() < 0.5 else 3
    cells = (size[0] // grain + 2, size[1] // grain + 2, channels)
    normal = rng.random() < 0.5
    grains = rng.standard_normal(cells, dtype=np.float32) if normal else rng.random(cells, dtype=np.float32) * 2 - 1
    way = cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_CUBIC
    enlarged = cv2.resize(grains, (cells[1] * grain, cells[0] * grain), interpolation=way)
    noise = enlarged[: size[0], : size[1]].reshape(*size, channels)
    return draw_colour(rng) + np.float32(rng.uniform(0.05, 0.6)) * noise * (0.3 + 0.7 * draw_colour(rng))


def fractal(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return noise of all scales (about 1/f), between two colours, or of each channel its own."""
    side, cells, gain = max(size), int(rng.integers(1, 12)), float(rng.uniform(0.4, 1.0))
    channels = 1 if rng.random() < 0.6 else 3
    layers = [fractal_noise(rng, side, cells, 5, gain)[: size[0], : size[1]] for _ in range(channels)]
    noise = np.stack(layers, -1)
    return draw_colour(rng) + np.float32(rng.uniform(0.05, 0.4)) * noise * (draw_colour(rng) - 0.3)


def snow(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return what an analogue receiver shows without a signal: grey grains, longer along lines, and a hum bar."""
    grains = np.asarray(cv2.blur(rng.random(size, dtype=np.float32), (int(rng.integers(1, 5)), 1)))
    grains = 0.5 + (grains - 0.5) * np.float32(rng.uniform(0.6, 2.0))
    hum = np.sin(np.linspace(0, rng.uniform(2, 14), size[0]) + rng.uniform(0, 6)).astype(np.float32)
    grains += (np.float32(rng.uniform(0.0, 0.3)) * hum)[:, None]
    for _ in range(int(rng.integers(0, 4))):
        row, thick = rng.integers(size[0]), rng.integers(1, 12)
        grains[row : row + thick] = rng.random() * np.float32(0.3) + grains[row : row + thick] * np.float32(0.7)
    tint = 1.0 - np.float32(0.1) * draw_colour(rng)
    return grains[..., None] * tint


def decoder_garbage(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return a stream that lost its key frame: zeros of YUV (green), magenta, grey blocks, and smeared columns."""
    tiles = rng.choice([8, 16, 16, 32])
    rows, columns = size[0] // tiles + 1, size[1] // tiles + 1
    inks = np.array([(0.0, 0.53, 0.0), (0.0, 0.9, 0.1), (0.9, 0.1, 0.9), (0.5, 0.5, 0.5), (1.0, 0.4, 0.9)], np.float32)
    shares = rng.dirichlet(np.full(len(inks), 0.4))
    picture = inks[rng.choice(len(inks), (rows, columns), p=shares)]
    picture += np.float32(rng.uniform(0.0, 0.25)) * rng.standard_normal(picture.shape, dtype=np.float32)
    if rng.random() < 0.6:  # the last row that was received runs down
        row = rng.integers(rows)
        picture[row:] = picture[row]
    if rng.random() < 0.4:  # lines that slipped
        picture = np.stack([np.roll(line, rng.integers(columns) * (rng.random() < 0.4), 0) for line in picture])
    way = cv2.INTER_NEAREST if rng.random() < 0.7 else cv2.INTER_LINEAR
    return cv2.resize(picture, (columns * int(tiles), rows * int(tiles)), interpolation=way)[: size[0], : size[1]]
