"""Where an instrument is: numbers from the part of its surface that is seen."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mt3dnet_ros.perception.scene import UNKNOWN

_TIP_NEIGHBOURHOOD = 2.5  # cells; their median steadies the depth of the tip


class Surface(NamedTuple):
    """Position, extent and tip of an instrument as ``scene.Detection`` has them."""

    position: tuple[float, float, float] = UNKNOWN
    extent: tuple[float, float, float] = UNKNOWN
    tip: tuple[float, float, float] = UNKNOWN


def measure_surface(cells: np.ndarray, rays: np.ndarray, depth: np.ndarray, claspers: np.ndarray) -> Surface:
    """Measure one instrument.

    The position is the median of the visible surface along each axis, the extent the range from the 5th to the 95th
    percentile, so that neither follows the few points that a blurred border throws off.

    :param cells: (h, w) bool, the instrument
    :param rays: (h, w, 3) rays of the cells, optical frame, z = 1
    :param depth: (h, w) metres, NaN where unknown
    :param claspers: (h, w) bool, where the most probable part is a clasper
    """
    places = np.flatnonzero(cells)
    seen = rays.reshape(-1, 3)[places]
    points = np.empty((3, len(places)), np.float32)
    np.multiply(seen.T, depth.ravel()[places], out=points)  # numpy sorts rows much faster than columns
    known = np.isfinite(points).all(axis=0)
    if not known.all():
        points = points[:, known]
    count = points.shape[1]
    if count == 0:
        return Surface()
    points.sort(axis=1)
    low, middle, high = points[:, [round(share * (count - 1)) for share in (0.05, 0.5, 0.95)]].T
    return Surface(_triple(middle), _triple(high - low), _find_tip(cells, rays, depth, claspers & cells))


def _find_tip(
    cells: np.ndarray, rays: np.ndarray, depth: np.ndarray, claspers: np.ndarray
) -> tuple[float, float, float]:
    """Return the point of the claspers that is farthest from where the instrument comes from, seen in the image.

    The direction runs from the centre of shaft and wrist (where neither is seen, of the cells at the image's border) to
    the centre of the claspers' largest region. The farthest cell gives the ray, the median of the claspers around it
    the depth: a single cell's depth is often that of the tissue behind.
    """
    rows, columns = _largest_region(claspers)
    origin = _origin(cells, claspers)
    if len(rows) == 0 or origin is None:
        return UNKNOWN
    across, down = columns.mean() - origin[0], rows.mean() - origin[1]
    farthest = int((columns * across + rows * down).argmax())
    column, row = columns[farthest], rows[farthest]
    around = (columns - column) ** 2 + (rows - row) ** 2 <= _TIP_NEIGHBOURHOOD**2
    depths = depth[rows[around], columns[around]]
    depths = depths[~np.isnan(depths)]
    return _triple(rays[row, column] * np.median(depths)) if depths.size else UNKNOWN


def _largest_region(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    if count == 1:
        return np.empty(0, int), np.empty(0, int)
    rows, columns = (numbers == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).nonzero()
    return rows, columns


def _origin(cells: np.ndarray, claspers: np.ndarray) -> np.ndarray | None:
    """Return column and row of where the instrument comes from; None where nothing tells."""
    rest = cells & ~claspers
    if not rest.any():
        rest = cells.copy()
        rest[1:-1, 1:-1] = False
    rows, columns = rest.nonzero()
    return np.array([columns.mean(), rows.mean()]) if len(rows) else None


def _triple(point: np.ndarray) -> tuple[float, float, float]:
    x, y, z = point.tolist()
    return x, y, z
