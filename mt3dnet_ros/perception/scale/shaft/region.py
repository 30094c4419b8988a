"""Where the mask says that a shaft is: it only tells where to look for edges."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.perception.scale.shaft.silhouette import Strip, UnfitSilhouetteError

_LEAST_CELLS = 6


@dataclass(frozen=True)
class ShaftCells:
    """The cells of the network's output that show one instrument, and which of them its shaft.

    :param instrument: (h, w) bool
    :param shaft: (h, w) bool
    :param rays: (h, w, 3) of the cells' centres, z = 1
    """

    instrument: np.ndarray
    shaft: np.ndarray
    rays: np.ndarray


def rough_strip(cells: ShaftCells) -> Strip:
    """Return the strip that a shaft's cells cover.

    Its direction is that in which the instrument's outline runs beside the shaft, from the structure tensor of the
    mask: unlike the region's moments that is right of short shafts, and of those cut obliquely by the border.

    :raises UnfitSilhouetteError: when no shaft is seen
    """
    shaft = _largest(cells.shaft)
    count = int(np.count_nonzero(shaft))
    if count < _LEAST_CELLS:
        raise UnfitSilhouetteError('no shaft seen')
    cell = _cell_size(cells.rays)
    places = _places(cells.rays, shaft)
    along = _direction(cells.instrument, shaft, cell)
    centre = _middle(places)
    if (_tip_side(cells, shaft, centre) - centre) @ along < 0:
        along = -along
    ordered = np.sort(places @ along - centre @ along)
    low, high = ordered[count // 50], ordered[-1 - count // 50]
    half_length = 0.5 * (high - low + float(cell.min()))
    half_width = 0.25 * count * float(np.prod(cell)) / half_length
    return Strip(centre + 0.5 * (low + high) * along, along, half_length, half_width)


def _cell_size(rays: np.ndarray) -> np.ndarray:
    """Return width and height of a cell in the middle of the image, in focal lengths, (2,)."""
    row, column = rays.shape[0] // 2, rays.shape[1] // 2
    middle = rays[row, column, :2]
    return np.abs(np.array([rays[row, column - 1, 0] - middle[0], rays[row - 1, column, 1] - middle[1]]))


def _places(rays: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Return x and y of the rays of some cells, (n, 2)."""
    return rays.reshape(-1, 3)[np.flatnonzero(cells), :2]


def _middle(places: np.ndarray) -> np.ndarray:
    """Return the mean of places (n, 2); along so short an axis numpy's own is slow."""
    return np.asarray(np.full(len(places), 1.0 / len(places)) @ places)


def _largest(mask: np.ndarray) -> np.ndarray:
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    return mask if count <= 2 else numbers == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())


def _direction(instrument: np.ndarray, shaft: np.ndarray, cell: np.ndarray) -> np.ndarray:
    beside = cv2.dilate(shaft.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    smooth = cv2.GaussianBlur(instrument.astype(np.float32), (5, 5), 1.0, borderType=cv2.BORDER_REPLICATE)
    dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, borderType=cv2.BORDER_REPLICATE)[beside] / cell[0]
    dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, borderType=cv2.BORDER_REPLICATE)[beside] / cell[1]
    angle = 0.5 * np.arctan2(2.0 * (dx * dy).sum(), (dx * dx - dy * dy).sum())  # of the outline's normal
    return np.array([-np.sin(angle), np.cos(angle)])


def _tip_side(cells: ShaftCells, shaft: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return a place on the side of the tip: the middle of the other parts, else away from the image's border."""
    others = cells.instrument & ~cells.shaft
    if others.any():
        return _middle(_places(cells.rays, others))
    inside = shaft.copy()
    inside[1:-1, 1:-1] = False
    return 2.0 * centre - _middle(_places(cells.rays, inside)) if inside.any() else centre
