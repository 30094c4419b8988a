"""Test pictures: bars, wedges, grids, boards, lines and rings."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.training.augmentation.writing import write

from .blank import Size, direction, draw_colour

_BARS = np.array([(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)], np.float32)


def colour_bars(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return bars of the eight colours, upright or lying, with rows of other bars below, as SMPTE's and EBU's."""
    bars = _BARS[: rng.integers(7, 9)] * np.float32(rng.choice([0.75, 1.0]))
    if rng.random() < 0.2:
        bars = bars[rng.permutation(len(bars))]
    picture = _spread(bars, size)
    if rng.random() < 0.5:
        row = int(rng.uniform(0.6, 0.9) * size[0])
        picture[row:] = _spread(bars[::-1], (size[0] - row, size[1]))
    if rng.random() < 0.5:
        row = int(rng.uniform(0.75, 0.95) * size[0])
        steps = np.repeat(rng.random((int(rng.integers(2, 7)), 1), dtype=np.float32), 3, 1)
        picture[row:] = _spread(steps, (size[0] - row, size[1]))
    if rng.random() < 0.2:
        picture = np.ascontiguousarray(cv2.resize(picture.swapaxes(0, 1), size[::-1]))
    if rng.random() < 0.3:
        write(picture, rng, 1)
    return picture


def _spread(colours: np.ndarray, size: Size) -> np.ndarray:
    """Return upright bars (H, W, 3) of colours (N, 3)."""
    columns = np.arange(size[1]) * len(colours) // size[1]
    return np.tile(colours[columns], (size[0], 1, 1))


def card(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return a card with a grid, a circle, a cross and a wedge of grey."""
    picture = np.tile(draw_colour(rng, 0.8), (*size, 1))
    ink, (height, width) = draw_colour(rng, 0.7).tolist(), size
    pitch = int(rng.integers(12, 60))
    for x in range(int(rng.integers(pitch)), width, pitch):
        cv2.line(picture, (x, 0), (x, height), ink, 1)
    for y in range(int(rng.integers(pitch)), height, pitch):
        cv2.line(picture, (0, y), (width, y), ink, 1)
    cv2.circle(picture, (width // 2, height // 2), int(height * rng.uniform(0.2, 0.49)), ink, 2, cv2.LINE_AA)
    cv2.drawMarker(picture, (width // 2, height // 2), ink, cv2.MARKER_CROSS, height // 3, 1)
    if rng.random() < 0.6:
        steps = np.linspace(0, 1, int(rng.integers(4, 17)), dtype=np.float32)
        top = int(rng.uniform(0.1, 0.8) * height)
        picture[top : top + height // 8, width // 5 : 4 * width // 5] = _spread(
            np.repeat(steps[:, None], 3, 1), picture[top : top + height // 8, width // 5 : 4 * width // 5].shape[:2]
        )
    return picture


def checkers(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return a flat board of two colours."""
    pitch, shift = rng.uniform(2, 50), rng.uniform(0, 50, 2)
    rows = (np.arange(size[0]) + shift[0]) // pitch
    columns = (np.arange(size[1]) + shift[1]) // (pitch * rng.choice([1.0, 1.0, 0.5, 2.0]))
    odd = (rows[:, None] + columns) % 2
    return _between(rng, odd.astype(np.float32))


def lines(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return stripes of any direction, width and sharpness."""
    along = direction(rng, size) * np.float32(2 * np.pi * rng.uniform(1, 60))
    return _between(rng, _wave(rng, along))


def rings(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return rings about a point, evenly spaced or ever finer (a zone plate)."""
    rows, columns = np.mgrid[: size[0], : size[1]].astype(np.float32)
    x, y = rng.uniform(0, size[1]), rng.uniform(0, size[0])
    away = np.hypot(columns - np.float32(x), rows - np.float32(y)) / size[1]
    along = np.float32(rng.uniform(10, 250)) * (away if rng.random() < 0.5 else away**2)
    return _between(rng, _wave(rng, along))


def _wave(rng: np.random.Generator, phase: np.ndarray) -> np.ndarray:
    """Return a wave in [0, 1], from a soft to a square one."""
    return np.clip(0.5 + np.float32(rng.choice([0.5, 2.0, 20.0])) * np.sin(phase), 0.0, 1.0)


def _between(rng: np.random.Generator, share: np.ndarray) -> np.ndarray:
    """Return a picture (H, W, 3) of two colours by the share of the second, (H, W)."""
    first, second = draw_colour(rng, 0.6), draw_colour(rng, 0.6)
    return first + share[..., None] * (second - first)
