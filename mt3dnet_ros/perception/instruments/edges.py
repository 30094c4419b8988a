"""Outlines that follow the edges of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import cv2
import numpy as np

_RADIUS = 1  # cells
_SMOOTHNESS = 1e-3  # variance of colours, in [0, 1], below which the picture is taken for flat


def follow_edges(
    cells: np.ndarray, picture: np.ndarray, radius: int = _RADIUS, smoothness: float = _SMOOTHNESS
) -> np.ndarray:
    """Scale a map of cells to a picture, so that its steps lie where the picture has edges.

    A guided filter (He et al., ECCV 2010): around every place the map is fitted by a linear function of the three
    colours. It is fitted among cells, and applied to pixels (He and Sun, Fast Guided Filter, arXiv 1505.00996).

    :param cells: (h, w) float32, a probability
    :param picture: (H, W, 3) uint8, of the same content
    :param radius: of the squares in which it is fitted, in cells
    :param smoothness: the larger, the less a weak edge counts
    :returns: (H, W) float32, within 0 and 1 but for overshoot
    """
    coarse = cv2.resize(picture, cells.shape[::-1], interpolation=cv2.INTER_AREA)
    return apply_functions(linear_functions(cells, coarse, radius, smoothness), picture)


def apply_functions(functions: Sequence[np.ndarray], picture: np.ndarray) -> np.ndarray:
    """Return what :func:`linear_functions` say of a picture (H, W, 3) uint8, (H, W) float32."""
    *factors, scaled = (cv2.resize(plane, picture.shape[1::-1]) for plane in functions)
    for channel, factor in enumerate(factors):
        np.multiply(factor, picture[..., channel], out=factor)
        np.multiply(factor, np.float32(1.0 / 255.0), out=factor)
        np.add(scaled, factor, out=scaled)
    return scaled


def linear_functions(
    cells: np.ndarray, coarse: np.ndarray, radius: int = _RADIUS, smoothness: float = _SMOOTHNESS
) -> list[np.ndarray]:
    """Return three factors, of the colours, and an offset for every cell, (h, w) each, averaged over squares.

    :param coarse: (h, w, 3) uint8, the picture averaged over cells; see :func:`follow_edges` for the others
    """
    colours = [np.ascontiguousarray(coarse[..., k]) * np.float32(1.0 / 255.0) for k in range(3)]

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.blur(values, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT)

    value, means = mean(cells), [mean(colour) for colour in colours]
    x, y, z = (mean(colour * cells) - middle * value for colour, middle in zip(colours, means, strict=True))
    pairs = combinations_with_replacement(range(3), 2)
    rr, rg, rb, gg, gb, bb = (mean(colours[i] * colours[j]) - means[i] * means[j] for i, j in pairs)
    for variance in (rr, gg, bb):
        variance += smoothness
    # Cofactors of the symmetric matrix of covariances, which is inverted.
    a, b, c = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    d, e, f = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    inverse = 1.0 / (rr * a + rg * b + rb * c)
    factors = [(a * x + b * y + c * z) * inverse, (b * x + d * y + e * z) * inverse, (c * x + e * y + f * z) * inverse]
    offset = value - sum(factor * middle for factor, middle in zip(factors, means, strict=True))
    return [mean(plane) for plane in (*factors, offset)]
