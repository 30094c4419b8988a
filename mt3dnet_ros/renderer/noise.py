"""Fractal noise on pixel grids."""

from __future__ import annotations

import cv2
import numpy as np


def cell_count(size: float, feature: float) -> int:
    """Return how many features of a size fit along a side of a size, at least 1."""
    return max(1, round(size / feature))


def fractal_noise(rng: np.random.Generator, size: int, cells: int, octaves: int, gain: float = 0.5) -> np.ndarray:
    """Return noise of zero mean and unit deviation, (size, size) float32.

    :param cells: features along one side in the coarsest octave
    :param gain: amplitude of each octave relative to the one before
    """
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        n = min(cells * 2**octave + 3, size)
        grid = rng.standard_normal((n, n), dtype=np.float32)
        total += gain**octave * cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)
    return (total - total.mean()) / (total.std() + np.float32(1e-6))


def ridge_noise(rng: np.random.Generator, size: int, cells: int, octaves: int, sharpness: float = 12.0) -> np.ndarray:
    """Return bright lines that branch, as vessels and folds do, (size, size) float32 in [0, 1].

    :param sharpness: about the distance between lines in widths of a line
    """
    return np.exp(-np.float32(sharpness) * np.abs(fractal_noise(rng, size, cells, octaves)))


def sample_texture(texture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Sample a texture bilinearly at points, mirrored beyond its border.

    :param texture: (S, S) or (S, S, C) float32
    :param u: (N,) columns in texture widths, and ``v`` the rows
    :return: (N,) or (N, C) float32
    """
    width = 256  # remap takes no side of 32768 or more
    rows = -(-len(u) // width)
    columns, lines = (np.resize(a % 2 * texture.shape[0], (rows, width)).astype(np.float32) for a in (u, v))
    sampled = cv2.remap(texture, columns, lines, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return sampled.reshape(rows * width, *texture.shape[2:])[: len(u)]
