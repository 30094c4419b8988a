"""The order in which a surgeon's eye would visit the instruments, from the predicted saliency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import rays
from mt3dnet_ros.perception.instruments.instances import InstanceMap
from mt3dnet_ros.perception.preprocess import MAP_STRIDE, Letterbox
from mt3dnet_ros.perception.scene import UNKNOWN, Fixation, Point

_NEIGHBOURHOOD = 2.5  # cells; their median steadies the depth of a fixation
_INSIDE = 0.45  # of a cell from its centre: half of one could round to a pixel of the next
_LEAST_SALIENCY = 1e-6  # so that a centre exists where nothing is salient
_DIGITS = 6  # of a mean saliency, in which two are equal


@dataclass(frozen=True)
class AttentionCells:
    """What fixations are made of, per cell of the network's output.

    :param saliency: (h, w) in [0, 1]
    :param working: (h, w) bool, where the most probable part is a wrist or a clasper
    :param depth: (h, w) metres, NaN where unknown
    """

    saliency: np.ndarray
    working: np.ndarray
    depth: np.ndarray


def find_scanpath(
    instances: InstanceMap, cells: AttentionCells, letterbox: Letterbox, camera: Camera | None, threshold: float
) -> tuple[Fixation, ...]:
    """Return the instruments whose score reaches a threshold by falling mean saliency, each with where to look at it.

    How ST-MTL (arXiv 2112.08189) gets a scanpath from predicted saliency is not published; ranking by the mean over the
    whole instrument is our reading. Of equal ones the larger, which has the lower id, comes first.

    :param camera: of the image; None leaves the points unknown
    """
    seen = [k for k, item in enumerate(instances.items, start=1) if item.score >= threshold]
    weights = {k: float(cells.saliency[instances.ids == k].mean(dtype=np.float64)) for k in seen}
    ranked = sorted(seen, key=lambda k: -round(weights[k], _DIGITS))
    if not ranked:
        return ()
    places, depths = zip(*(_look_at(instances.ids == k, cells) for k in ranked), strict=True)
    pixels = _pixels_of(np.stack(places), letterbox)
    points = _points_of(pixels, np.array(depths), camera)
    return tuple(
        Fixation(k, instances.items[k - 1].class_id, (column, row), point, weights[k], order)
        for order, (k, (column, row), point) in enumerate(zip(ranked, pixels.tolist(), points, strict=True), start=1)
    )


def _look_at(tool: np.ndarray, cells: AttentionCells) -> tuple[np.ndarray, float]:
    """Return the place, in cells, on the working end of a tool, and its depth; on all of it where no end is seen."""
    target = tool & cells.working if (tool & cells.working).any() else tool
    place, cell = _salient_centre(target, cells.saliency)
    return place, _depth_around(cell, target, cells.depth)


def _salient_centre(target: np.ndarray, saliency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the saliency-weighted centre of some cells, moved onto the nearest of them, and that cell: x, y each."""
    rows, columns = target.nonzero()
    weights = np.maximum(saliency[rows, columns], _LEAST_SALIENCY).astype(np.float64)
    centre = np.array([columns @ weights, rows @ weights]) / weights.sum()
    nearest = int(((columns - centre[0]) ** 2 + (rows - centre[1]) ** 2).argmin())
    cell = np.array([columns[nearest], rows[nearest]])
    return cell + np.clip(centre - cell, -_INSIDE, _INSIDE), cell


def _pixels_of(places: np.ndarray, letterbox: Letterbox) -> np.ndarray:
    """Return columns and rows in the image, (n, 2) int, of places given in cells."""
    points = letterbox.points_to_image(places * MAP_STRIDE + 0.5 * (MAP_STRIDE - 1))
    return np.clip(np.round(points).astype(int), 0, np.array(letterbox.image_size[::-1]) - 1)


def _points_of(pixels: np.ndarray, depths: np.ndarray, camera: Camera | None) -> list[Point]:
    if camera is None:
        return [UNKNOWN] * len(pixels)
    return [(x, y, z) for x, y, z in (rays(camera, pixels) * depths[:, None]).tolist()]


def _depth_around(cell: np.ndarray, target: np.ndarray, depth: np.ndarray) -> float:
    """Return the median depth, metres, of the target's cells around one; NaN where it is unknown."""
    rows, columns = target.nonzero()
    around = (columns - cell[0]) ** 2 + (rows - cell[1]) ** 2 <= _NEIGHBOURHOOD**2
    depths = depth[rows[around], columns[around]]
    depths = depths[~np.isnan(depths)]
    return float(np.median(depths)) if depths.size else float('nan')
