"""What tracks are made of: the instruments of one frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from mt3dnet_ros.perception.scene import Detection
from mt3dnet_ros.perception.tracks.type_vote import type_distribution

_BODY = 2  # the last part id, from the shaft on, of what keeps its look: jaws open, shine and bleed
_LEVELS = 4  # of lightness, and of each colour axis
_LARGEST_TINT = 24  # from grey, in 8-bit Lab: tools are nearly grey
_LEAST_BODY = 12  # cells of shaft and wrist, below which the whole instrument tells the colours
_OUTER = 0.9  # share of the largest distance from the middle of the view, from which on cells are the outer end


@dataclass(frozen=True)
class InstrumentView:
    """The instruments of one frame, per cell of the network's output.

    :param detections: with positions and tips in metres, where these are known
    :param ids: (h, w) uint8 instance ids, 0 is background
    :param parts: (h, w) the most probable part, 1 shaft, 2 wrist, 3 clasper
    :param picture: (H, W, 3) uint8, red first, of the same content, at least as large
    :param cell_angle: angle that a cell covers, radians; NaN where the camera, or the scale of depth, is not known
    """

    detections: Sequence[Detection]
    ids: np.ndarray
    parts: np.ndarray
    picture: np.ndarray
    cell_angle: float = np.nan


class Appearance(NamedTuple):
    """What tells one instrument of a frame from the others; lengths are shares of the picture's diagonal.

    :param detection: of it
    :param cells: (2, n) rows and columns of its cells
    :param middle: (2,) column and row of their centre
    :param outer_end: (2,) where it enters the view: the centre of its cells that are farthest from the view's middle
    :param depth: metres; NaN where unknown
    :param types: (C - 1,) probability of class 1 and so on
    :param colours: (n,) shares of the colours of its shaft and wrist
    """

    detection: Detection
    cells: np.ndarray
    middle: np.ndarray
    outer_end: np.ndarray
    depth: float
    types: np.ndarray
    colours: np.ndarray


def read_appearances(view: InstrumentView) -> list[Appearance]:
    """Return what is seen of every instrument that has a mask."""
    cells = np.stack(view.ids.nonzero())
    owners = view.ids[cells[0], cells[1]]
    order = np.argsort(owners, kind='stable')
    cells, owners = cells[:, order], owners[order]
    counts = np.bincount(owners, minlength=1)
    ends = np.cumsum(counts)
    masked = [item for item in view.detections if 0 < item.instance_id < len(counts) and counts[item.instance_id]]
    if not masked:
        return []
    places = cells[::-1] / diagonal(view.ids)
    outer = _outer_ends(places, owners, counts, 0.5 * np.array(view.ids.shape[::-1]) / diagonal(view.ids))
    middles = _means(places, owners, counts)
    colours = _colours(view, cells, owners, len(counts))
    return [
        Appearance(
            item,
            cells[:, ends[number] - counts[number] : ends[number]],
            middles[number],
            outer[number],
            item.position[2],
            type_distribution(item),
            colours[number],
        )
        for item in masked
        for number in [item.instance_id]
    ]


def diagonal(cells: np.ndarray) -> float:
    """Return the diagonal of a map in cells."""
    return float(np.hypot(*cells.shape[:2]))


def _means(places: np.ndarray, owners: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the centres (n, 2) of the places (2, cells) of each owner."""
    sums = [np.bincount(owners, axis, len(counts)) for axis in places]
    return np.stack(sums, axis=-1) / np.maximum(counts, 1)[:, None]


def _outer_ends(places: np.ndarray, owners: np.ndarray, counts: np.ndarray, middle: np.ndarray) -> np.ndarray:
    distances = np.hypot(*(places - middle[:, None]))
    present = counts.nonzero()[0]
    farthest = np.zeros(len(counts))
    farthest[present] = np.maximum.reduceat(distances, np.cumsum(counts)[present] - counts[present])
    outer = distances >= _OUTER * farthest[owners]
    owners = owners[outer]
    return _means(places[:, outer], owners, np.bincount(owners, minlength=len(counts)))


def _colours(view: InstrumentView, cells: np.ndarray, owners: np.ndarray, count: int) -> np.ndarray:
    """Return the shares of the colours of each owner's shaft and wrist, (n, colours)."""
    joint = owners.astype(np.intp) * _LEVELS**3 + _colour_codes(view, cells)
    body = view.parts[cells[0], cells[1]] <= _BODY
    of_body, of_all = (
        np.bincount(codes, minlength=count * _LEVELS**3).reshape(count, -1) for codes in (joint[body], joint)
    )
    chosen = np.where(of_body.sum(axis=1, keepdims=True) >= _LEAST_BODY, of_body, of_all)
    return np.asarray(chosen / np.maximum(chosen.sum(axis=1, keepdims=True), 1))


def _colour_codes(view: InstrumentView, cells: np.ndarray) -> np.ndarray:
    """Return the colour of each cell as a number, (cells,): lightness and two colour axes, in steps.

    One pixel of each cell is enough: the cells of an instrument are many.
    """
    rows, columns = (whole // part for whole, part in zip(view.picture.shape, view.ids.shape, strict=False))
    pixels = view.picture[cells[0] * rows + rows // 2, cells[1] * columns + columns // 2]
    steps = cv2.LUT(cv2.cvtColor(pixels[None], cv2.COLOR_RGB2LAB), _STEPS)[0]
    codes: np.ndarray = steps[:, 0] + steps[:, 1] + steps[:, 2]
    return codes


def _steps() -> np.ndarray:
    """Return what each value of Lab adds to the number of a colour, (1, 256, 3) uint8."""
    values = np.arange(256)
    tint = np.clip((values - 128 + _LARGEST_TINT) * _LEVELS // (2 * _LARGEST_TINT), 0, _LEVELS - 1)
    steps = np.stack([values * _LEVELS // 256 * _LEVELS**2, tint * _LEVELS, tint], axis=-1)
    return steps.astype(np.uint8)[None]


_STEPS = _steps()
