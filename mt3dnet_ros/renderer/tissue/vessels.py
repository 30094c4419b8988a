"""Trees of vessels, which are drawn once and laid on tissue turned and mirrored: drawing line by line is slow."""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np

TEXTURE = 384  # texels along a side of tissue's textures
TREES = 24
DEPTH = 3  # branchings from trunk to twig


@cache
def vessel_trees(number: int, width: int) -> np.ndarray:
    """Return one of ``TREES`` pictures of vessels, (TEXTURE, TEXTURE) float32 in [0, 1], with trunks of a width."""
    rng, canvas = np.random.default_rng(number), np.zeros((TEXTURE, TEXTURE), np.uint8)
    for _ in range(rng.integers(3, 8)):
        _branch(rng, canvas, rng.uniform(0, TEXTURE, 2), rng.uniform(0, 2 * math.pi), float(width), depth=0)
    return cv2.GaussianBlur(canvas, (0, 0), 0.7).astype(np.float32) / 255


def _branch(
    rng: np.random.Generator, canvas: np.ndarray, start: np.ndarray, heading: float, width: float, depth: int
) -> None:
    headings = heading + np.cumsum(0.3 * rng.standard_normal(12))
    steps = TEXTURE / 40 * 0.8**depth * np.stack([np.cos(headings), np.sin(headings)], -1)
    line = start + np.cumsum(steps, axis=0)
    ink = int(255 * min(1.0, 0.4 + 0.3 * width))
    cv2.polylines(canvas, [np.round(16 * line).astype(np.int32)], False, ink, max(1, round(width)), cv2.LINE_AA, 4)
    if depth < DEPTH:
        for fork in rng.integers(2, 12, 4 - depth):
            turn = rng.choice([-1, 1]) * rng.uniform(0.4, 1.1)
            _branch(rng, canvas, line[fork], headings[fork] + turn, 0.65 * width, depth + 1)
