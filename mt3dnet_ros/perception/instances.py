"""Instruments told apart."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.perception.peaks import Peak, suppress
from mt3dnet_ros.perception.preprocess import MAP_STRIDE

_LEAST_AREA = 0.001  # of the image: 20 x 20 pixels of 720 x 576
_STRONG_HEAT = 0.35  # of a peak that may claim a share of a mask
_LEAST_SHARE = 0.15  # of a mask, that each instrument in it must have
_MOST_INSTANCES = 255


@dataclass(frozen=True)
class Instance:
    """One instrument.

    :param class_id: the most probable type, background excluded
    :param score: 1 - (1 - p) (1 - h), where p is the mean probability of the type over the instrument's cells and h the
        heat of the detector's strongest peak of that type on the instrument: either can vouch for it
    """

    class_id: int
    score: float


@dataclass(frozen=True)
class InstanceMap:
    """Instruments at the resolution of the network's output.

    :param ids: (h, w) uint8, 0 is background; instance k is ``items[k - 1]``
    :param loose_peaks: peaks of the detector, overlapping little, with no instrument under them
    """

    ids: np.ndarray
    items: list[Instance]
    loose_peaks: list[Peak]


def find_instances(types: np.ndarray, peaks: list[Peak]) -> InstanceMap:
    """Tell instruments apart: connected regions of the foreground, split where the detector sees several in one.

    :param types: (C, h, w) probability of each type, background first
    :param peaks: the detector's peaks, the strongest first
    """
    regions = _regions(types[0] < 0.5)
    owners = [_owner(peak, regions) for peak in peaks]
    ids = np.zeros_like(regions)
    items: list[Instance] = []
    for region in range(1, int(regions.max()) + 1):
        inside = regions == region
        own = [peak for peak, owner in zip(peaks, owners, strict=True) if owner == region]
        for cells, matched in _split(inside, own):
            if len(items) < _MOST_INSTANCES:
                items.append(_classify(types[:, cells].mean(axis=1), matched))
                ids[cells] = len(items)
    loose = suppress([peak for peak, owner in zip(peaks, owners, strict=True) if owner == 0])
    return InstanceMap(ids, items, loose)


def _least_area(cells: int) -> int:
    return max(4, round(_LEAST_AREA * cells))


def _regions(foreground: np.ndarray) -> np.ndarray:
    """Return the connected regions that are large enough, numbered from the largest, (h, w) uint8."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(foreground.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind='stable')
    order = order[areas[order] >= _least_area(foreground.size)][:_MOST_INSTANCES]
    renumber = np.zeros(len(stats), np.uint8)
    renumber[order + 1] = np.arange(1, len(order) + 1)
    return renumber[numbers]


def _box_in_cells(peak: Peak) -> np.ndarray:
    return (peak.box + 0.5) / MAP_STRIDE - 0.5


def _owner(peak: Peak, regions: np.ndarray) -> int:
    """Return the region that has most cells in a peak's box, 0 where none has enough."""
    left, top, right, bottom = np.maximum(np.round(_box_in_cells(peak) + 0.5).astype(int), 0)
    counts = np.bincount(regions[top:bottom, left:right].ravel(), minlength=1)
    counts[0] = 0
    best = int(counts.argmax())
    return best if counts[best] >= _least_area(regions.size) else 0


def _split(inside: np.ndarray, peaks: list[Peak]) -> list[tuple[np.ndarray, list[Peak]]]:
    """Return the instruments of one region: their cells, and the peaks that belong to each."""
    rivals = suppress([peak for peak in peaks if peak.heat >= _STRONG_HEAT])
    rows, columns = inside.nonzero()
    least = max(_least_area(inside.size), _LEAST_SHARE * len(rows))
    while len(rivals) > 1:
        choice = _nearest_box(columns, rows, rivals)
        shares = np.bincount(choice, minlength=len(rivals))
        if shares.min() >= least:
            return _assemble(inside, rows, columns, choice, rivals, peaks)
        del rivals[int(shares.argmin())]
    return [(inside, peaks)]


def _nearest_box(x: np.ndarray, y: np.ndarray, peaks: list[Peak]) -> np.ndarray:
    """Return, for each cell, the peak in whose box it lies deepest, or whose box it is nearest to.

    The measure is the distance to the box's centre in units of half the box: at most 1 inside of it.
    """
    boxes = np.stack([_box_in_cells(peak) for peak in peaks])
    centers, halves = 0.5 * (boxes[:, :2] + boxes[:, 2:]), np.maximum(0.5 * (boxes[:, 2:] - boxes[:, :2]), 0.5)
    offsets = np.abs(np.stack([x, y], axis=-1)[:, None] - centers) / halves  # (cells, peaks, 2)
    return offsets.max(axis=-1).argmin(axis=1)


def _assemble(
    inside: np.ndarray, rows: np.ndarray, columns: np.ndarray, choice: np.ndarray, rivals: list[Peak], peaks: list[Peak]
) -> list[tuple[np.ndarray, list[Peak]]]:
    centers = np.stack([0.5 * (_box_in_cells(peak)[:2] + _box_in_cells(peak)[2:]) for peak in peaks])
    belongs = _nearest_box(centers[:, 0], centers[:, 1], rivals)
    parts = []
    for k in range(len(rivals)):
        cells = np.zeros_like(inside)
        cells[rows[choice == k], columns[choice == k]] = True
        parts.append((cells, [peak for peak, rival in zip(peaks, belongs, strict=True) if rival == k]))
    return parts


def _classify(probabilities: np.ndarray, peaks: list[Peak]) -> Instance:
    heat = np.zeros_like(probabilities)
    for peak in peaks:
        heat[peak.class_id] = max(heat[peak.class_id], peak.heat)
    scores = (1.0 - (1.0 - probabilities) * (1.0 - heat))[1:]
    best = int(scores.argmax())
    return Instance(best + 1, float(np.clip(scores[best], 0.0, 1.0)))
