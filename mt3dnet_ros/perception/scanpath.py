"""The order in which a surgeon's eye would visit the instruments, from the predicted saliency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.geometry.rays import rays
from mt3dnet_ros.perception.instances import InstanceMap
from mt3dnet_ros.perception.preprocess import MAP_STRIDE, Letterbox
from mt3dnet_ros.perception.scene import UNKNOWN, Fixation, Point

_NEIGHBOURHOOD = 2.5  # cells; their median steadies the depth of a fixation
_INSIDE = 0.45  # of a cell from its centre: half of one could round to a pixel of the next
_LEAST_SALIENCY = 1e-6  # so that a centre exists where nothing is salient


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

    Ranking by the mean over the whole instrument is a reading of ST-MTL (arXiv 2112.08189), which ranks predicted
    instruments by predicted saliency; of equal ones the larger, which has the lower id, comes first.

    :param camera: of the image; None leaves the points unknown
    """
    seen = [k for k, item in enumerate(instances.items, start=1) if item.score >= threshold]
    weights = {k: float(cells.saliency[instances.ids == k].mean()) for k in seen}
    ranked = sorted(seen, key=lambda k: -weights[k])
    fixations = []
    for order, k in enumerate(ranked, start=1):
        pixel, point = _look_at(instances.ids == k, cells, letterbox, camera)
        fixations.append(Fixation(k, instances.items[k - 1].class_id, pixel, point, weights[k], order))
    return tuple(fixations)


def _look_at(
    tool: np.ndarray, cells: AttentionCells, letterbox: Letterbox, camera: Camera | None
) -> tuple[tuple[int, int], Point]:
    """Return the pixel and the point on the working end of a tool; on the tool where no working end is seen."""
    target = tool & cells.working if (tool & cells.working).any() else tool
    place, cell = _salient_centre(target, cells.saliency)
    pixel = _pixel_of(place, letterbox)
    depth = _depth_around(cell, target, cells.depth)
    if camera is None or np.isnan(depth):
        return pixel, UNKNOWN
    x, y, z = (rays(camera, np.array(pixel)) * depth).tolist()
    return pixel, (x, y, z)


def _salient_centre(target: np.ndarray, saliency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the saliency-weighted centre of some cells, moved onto the nearest of them, and that cell: x, y each."""
    rows, columns = target.nonzero()
    places = np.stack([columns, rows], axis=-1)
    centre = np.average(places, axis=0, weights=np.maximum(saliency[target], _LEAST_SALIENCY))
    cell = places[((places - centre) ** 2).sum(axis=1).argmin()]
    return cell + np.clip(centre - cell, -_INSIDE, _INSIDE), cell


def _pixel_of(place: np.ndarray, letterbox: Letterbox) -> tuple[int, int]:
    """Return column and row in the image of a place given in cells."""
    point = letterbox.points_to_image(place * MAP_STRIDE + 0.5 * (MAP_STRIDE - 1))
    column, row = np.clip(np.round(point).astype(int), 0, np.array(letterbox.image_size[::-1]) - 1).tolist()
    return column, row


def _depth_around(cell: np.ndarray, target: np.ndarray, depth: np.ndarray) -> float:
    """Return the median depth, metres, of the target's cells around one; NaN where it is unknown."""
    rows, columns = target.nonzero()
    around = np.hypot(columns - cell[0], rows - cell[1]) <= _NEIGHBOURHOOD
    depths = depth[target][around]
    return float(np.median(depths[~np.isnan(depths)])) if np.isfinite(depths).any() else float('nan')
