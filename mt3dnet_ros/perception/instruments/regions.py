"""The foreground cut into one region per instrument."""

from __future__ import annotations

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


def find_regions(types: np.ndarray, peaks: list[Peak], shafts: np.ndarray) -> np.ndarray:
    """Return the foreground cut into instruments.

    Connected regions are instruments, but touching ones make one region. It is cut where the detector sees several
    boxes (each cell goes to one in which it lies deep, or that it is near to, and whose type it looks like), and
    otherwise where several shafts enter it from the image's border (each cell goes to the nearest).

    :param types: (C, h, w) probability of each type, background first
    :param peaks: the detector's, the strongest first
    :param shafts: (h, w) bool, where the most probable part is a shaft
    :returns: (h, w) uint8, 0 is background
    """
    regions = _connected(types[0] < 0.5, least_area(types[0].size))
    owners = [owner_of(peak, regions) for peak in peaks]
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
    return numbers


def least_area(cells: int) -> int:
    """Return the least number of cells of an instrument in a map of so many cells."""
    return max(4, round(_LEAST_AREA * cells))


def owner_of(peak: Peak, regions: np.ndarray) -> int:
    """Return the region that has most cells in a peak's box, 0 where none has enough."""
    left, top, right, bottom = np.maximum(np.round(_box_in_cells(peak) + 0.5).astype(int), 0)
    counts = np.bincount(regions[top:bottom, left:right].ravel(), minlength=1)
    counts[0] = 0
    best = int(counts.argmax())
    return best if counts[best] >= least_area(regions.size) else 0


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
    cells, (rows, columns) = types[:, inside], inside.nonzero()
    shares = cells[[peak.class_id for peak in rivals]] / cells[1:].sum(axis=0)
    distances = _distances(columns, rows, np.stack([_box_in_cells(peak) for peak in rivals]))
    distances -= _TYPE_WEIGHT * np.log(shares.T + _LEAST_TYPE)
    least = max(least_area(inside.size), _LEAST_SHARE * len(rows))
    while distances.shape[1] > 1:
        choice = distances.argmin(axis=1)
        counts = np.bincount(choice, minlength=distances.shape[1])
        if counts.min() >= least:
            return choice
        distances = np.delete(distances, counts.argmin(), axis=1)
    return None


def _distances(x: np.ndarray, y: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return, for each cell and box, the distance to the box's centre in units of its half: 1 on its edges."""
    centers, halves = 0.5 * (boxes[:, :2] + boxes[:, 2:]), np.maximum(0.5 * (boxes[:, 2:] - boxes[:, :2]), 0.5)
    offsets = np.abs(np.stack([x, y], axis=-1)[:, None] - centers) / halves  # (cells, boxes, 2)
    return np.asarray(offsets.max(axis=-1))


def _cut_by_shafts(inside: np.ndarray, shafts: np.ndarray) -> np.ndarray | None:
    """Return, for each cell of a region, the number of the nearest shaft from 0; None where fewer than two enter."""
    pieces = _connected(inside & shafts, _LEAST_SHAFT * inside.sum())
    border = np.concatenate([pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]])
    entering = np.unique(border[border > 0])
    if len(entering) < 2:
        return None
    distances = [cv2.distanceTransform((pieces != piece).astype(np.uint8), cv2.DIST_L2, 5) for piece in entering]
    return np.argmin(distances, axis=0)[inside]


def _box_in_cells(peak: Peak) -> np.ndarray:
    return (peak.box + 0.5) / MAP_STRIDE - 0.5
