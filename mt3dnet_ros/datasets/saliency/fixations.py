"""Points on which the eye rests: a jittered grid over the working end of an instrument."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.datasets.saliency.working_ends import WorkingEnd

SPACING = 1 / 40  # of the image's width: 32 pixels of 1280


def fixation_points(rng: np.random.Generator, end: WorkingEnd, spacing: float) -> np.ndarray:
    """Return pixels of a working end, (N, 2) int64 x and y: one at random in each cell of a grid, where it hits.

    An end that is too small to be hit has one, next to its centre.

    :param spacing: side of a cell, pixels
    """
    height, width = end.mask.shape
    columns, rows = np.meshgrid(np.arange(np.ceil(width / spacing)), np.arange(np.ceil(height / spacing)))
    cells = np.stack([columns.ravel(), rows.ravel()], axis=-1)
    points = np.floor((cells + rng.random(cells.shape)) * spacing).astype(np.int64)
    points = points[(points < [width, height]).all(axis=-1)]
    hits = points[end.mask[points[:, 1], points[:, 0]]]
    return hits if len(hits) else np.array([end.nearest_pixel(end.centre)])
