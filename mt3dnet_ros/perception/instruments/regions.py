"""The foreground cut into one region per instrument."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mt3dnet_ros.perception.instruments.peaks import Peak, suppress
from mt3dnet_ros.perception.preprocess import MAP_STRIDE

_LEAST_AREA = 0.001  # of the image: 20 x 20 pixels of 720 x 576
_LEAST_HEAT = 0.2  # of a peak that may claim a share of a region
_MOST_OVERLAP = 0.8  # of two boxes in one region, over the smaller: crossing tools overlap much
_TYPE_WEIGHT = 0.15  # of a nat of a cell's type, in halves of a box
_LEAST_TYPE = 0.02  # share that a cell gives a type at least: it may not overrule the boxes
_LEAST_SHARE = 0.08  # of a region, that each instrument in it must have
_LEAST_SHAFT = 0.15  # of a region, that a shaft must have which tells of an instrument
_MOST_REGIONS = 255


class Regions(NamedTuple):
    """The foreground, a region per instrument.

    :param ids: (h, w) uint8, 0 is background
    :param owners: for each peak the region that has most cells in its box, 0 where none has enough
    """

    ids: np.ndarray
    owners: list[int]


def find_regions(types: np.ndarray, peaks: list[Peak], shafts: np.ndarray) -> Regions:
    """Return the foreground cut into instruments.

    Connected regions are instruments, but touching ones make one region. It is cut where the detector sees several
    boxes (each cell goes to one in which it lies deep, or that it is near to, and whose type it looks like), and
    otherwise where several shafts enter it from the image's border (each cell goes to the nearest).

    :param types: (C, h, w) probability of each type, background first
    :param peaks: the detector's, the strongest first
    :param shafts: (h, w) bool, where the most probable part is a shaft
    """
    regions = _connected(types[0] < 0.5, least_area(types[0].size))
    owners = _owners(peaks, regions)
    numbers, count = np.zeros_like(regions), 0
    for region in range(1, int(regions.max()) + 1):
        inside = regions == region
        own = [peak for peak, owner in zip(peaks, owners, strict=True) if owner == region]
        choice = _cut_by_boxes(inside, types, own)
        if choice is None:
            choice = _cut_by_shafts(inside, shafts)
        parts = 1 if choice is None else int(choice.max()) + 1
        if count + parts <= _MOST_REGIONS:
            numbers[inside] = count + 1 + (0 if choice is None else choice)
            count += parts
    if count == int(regions.max()):  # none is cut, and all have the numbers that they had
        return Regions(numbers, owners)
    return Regions(numbers, _owners(peaks, numbers))


def least_area(cells: int) -> int:
    """Return the least number of cells of an instrument in a map of so many cells."""
    return max(4, round(_LEAST_AREA * cells))


def _owners(peaks: list[Peak], regions: np.ndarray) -> list[int]:
    """Return the region that has most cells in each peak's box, 0 where none has enough."""
    if not peaks:
        return []
    height, width = regions.shape
    edges = np.maximum(np.round(_boxes_in_cells(peaks) + 0.5).astype(int), 0)
    left, top, right, bottom = np.minimum(edges, (width, height, width, height)).T
    right, bottom = np.maximum(right, left), np.maximum(bottom, top)
    counts = np.zeros((int(regions.max()) + 1, len(peaks)), int)
    for region in range(1, len(counts)):
        sums = cv2.integral((regions == region).view(np.uint8))
        counts[region] = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    best = counts.argmax(axis=0)
    owners: list[int] = np.where(counts.max(axis=0) >= least_area(regions.size), best, 0).tolist()
    return owners


def _connected(mask: np.ndarray, least: float) -> np.ndarray:
    """Return the connected regions that are large enough, numbered from the largest, (h, w) uint8."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind='stable')
    order = order[areas[order] >= least][:_MOST_REGIONS]
    renumber = np.zeros(len(stats), np.uint8)
    renumber[order + 1] = np.arange(1, len(order) + 1)
    return renumber[numbers]


def _cut_by_boxes(inside: np.ndarray, types: np.ndarray, peaks: list[Peak]) -> np.ndarray | None:
    """Return, for each cell of a region, the number of the instrument from 0; None where the detector sees one."""
    rivals = suppress([peak for peak in peaks if peak.heat >= _LEAST_HEAT], _MOST_OVERLAP)
    if len(rivals) < 2:
        return None
    places = np.flatnonzero(inside)
    rows, columns = np.divmod(places, inside.shape[1])
    cells = types.reshape(len(types), -1)[:, places]
    shares = cells[[peak.class_id for peak in rivals]] / cells[1:].sum(axis=0)
    distances = _distances(columns, rows, _boxes_in_cells(rivals))
    distances -= _TYPE_WEIGHT * np.log(shares + _LEAST_TYPE)
    least = max(least_area(inside.size), _LEAST_SHARE * len(rows))
    while len(distances) > 1:
        choice = distances.argmin(axis=0)
        counts = np.bincount(choice, minlength=len(distances))
        if counts.min() >= least:
            return choice
        distances = np.delete(distances, counts.argmin(), axis=0)
    return None


def _distances(x: np.ndarray, y: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return, for each box and cell, the distance to the box's centre in units of its half: 1 on its edges."""
    centers, halves = 0.5 * (boxes[:, :2] + boxes[:, 2:]), np.maximum(0.5 * (boxes[:, 2:] - boxes[:, :2]), 0.5)
    across, along = (np.abs(at - centers[:, [k]]) / halves[:, [k]] for k, at in enumerate((x, y)))  # (boxes, cells)
    return np.asarray(np.maximum(across, along))


def _cut_by_shafts(inside: np.ndarray, shafts: np.ndarray) -> np.ndarray | None:
    """Return, for each cell of a region, the number of the nearest shaft from 0; None where fewer than two enter."""
    here = inside & shafts
    around = _border(here)
    if np.count_nonzero(around & ~np.roll(around, 1)) < 2:  # what touches along the border is one piece
        return None
    pieces = _connected(here, _LEAST_SHAFT * inside.sum())
    border = _border(pieces)
    entering = np.unique(border[border > 0])
    if len(entering) < 2:
        return None
    distances = [cv2.distanceTransform((pieces != piece).astype(np.uint8), cv2.DIST_L2, 5) for piece in entering]
    return np.argmin(distances, axis=0)[inside]


def _border(cells: np.ndarray) -> np.ndarray:
    """Return the cells along the border of a map, once around."""
    return np.concatenate([cells[0], cells[1:-1, -1], cells[-1, ::-1], cells[-2:0:-1, 0]])


def _boxes_in_cells(peaks: list[Peak]) -> np.ndarray:
    """Return left, top, right and bottom edges, (n, 4), in cells."""
    return (np.stack([peak.box for peak in peaks]) + 0.5) / MAP_STRIDE - 0.5
