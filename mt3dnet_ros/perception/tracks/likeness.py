"""How much the instruments of a frame look like those that were seen before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.perception.tracks.view import Appearance, diagonal


class _Spread(NamedTuple):
    """Standard deviation of a cue of one instrument: at once, its growth per second unseen, and its largest."""

    least: float
    drift: float
    most: float

    def after(self, unseen: np.ndarray) -> np.ndarray:
        return np.minimum(self.least + self.drift * unseen, self.most)


_MIDDLE = _Spread(0.04, 0.15, 0.25)  # shares of the diagonal
_OUTER_END = _Spread(0.06, 0.04, 0.15)
_DEPTH = _Spread(0.12, 0.1, 0.4)  # of the logarithm
_DEPTH_RANGE = 1.1  # of the logarithm of the depths of tools in one view
_OVERLAP_WEIGHT, _OVERLAP_NONE, _OVERLAP_TIME = 6.0, 2.0, 0.4  # the last in seconds
_TYPE_WEIGHT = 0.7  # one frame's opinion may be wrong for long
_COLOUR_WEIGHT, _COLOURS_ALIKE = 6.0, 0.8  # of the Bhattacharyya coefficient
_HIDES = 0.8  # of what may be said against two masks that lie in each other
_NO_RATIO = 1e-9
_COVERED, _LEAST_PART = 0.7, 0.15  # of an instrument, and of what several of them are taken for


class Remembered(NamedTuple):
    """What an instrument looks like, as far as it was seen.

    :param last: its last appearance, with its colours over time
    :param types: (C - 1,) probability of each type
    :param moved: (2,) how far its middle is expected to have moved since, in diagonals
    :param unseen: seconds since it was seen
    """

    last: Appearance
    types: np.ndarray
    moved: np.ndarray
    unseen: float


def likeness(
    known: Sequence[Remembered], seen: Sequence[Appearance], ids: np.ndarray, common: np.ndarray
) -> np.ndarray:
    """Return the logarithm of how much better "the same instrument" explains an appearance than "another one".

    It is the sum over cues: where its mask, its middle and the place where it enters the view are, how far it is, its
    type and its colours. Each is limited, so that none decides alone. What was not seen for some time may have moved: a
    cue then says less. Where one mask lies in the other, a part of the instrument is hidden, or no longer so: then it
    says little that its middle and its outer end are elsewhere.

    :param ids: (h, w) instance ids of the frame of ``seen``
    :param common: (known, seen) cells, as :func:`common_cells` says
    :returns: (known, seen)
    """
    if not known or not seen:
        return np.zeros((len(known), len(seen)))
    before, now = (Appearance(*zip(*items, strict=True)) for items in ([item.last for item in known], seen))
    unseen = np.array([[item.unseen] for item in known])
    moved = np.array([item.moved for item in known])
    height, width = np.array(ids.shape) / diagonal(ids)
    off_middle = _squared_distances(np.array(before.middle) + moved, np.array(now.middle))
    off_outer = _squared_distances(np.array(before.outer_end), np.array(now.outer_end))
    before_areas, now_areas = areas(item.last for item in known)[:, None], areas(seen)
    union, smaller = before_areas + now_areas - common, np.minimum(before_areas, now_areas)
    fresh = np.exp(unseen / -_OVERLAP_TIME)
    apart = 1.0 - _HIDES * fresh * common / smaller
    types = np.array([item.types for item in known]) @ np.array(now.types).T
    alike = np.sqrt(np.array(before.colours)) @ np.sqrt(np.array(now.colours)).T
    return (
        fresh * (_OVERLAP_WEIGHT * 0.5 * (common / union + common / smaller) - _OVERLAP_NONE)
        + _limited(_by_middle(off_middle, _MIDDLE.after(unseen), height * width), 6.0 * apart, 4.0)
        + _limited(_by_outer_end(off_outer, _OUTER_END.after(unseen), height + width), 4.0 * apart, 3.0)
        + _limited(_by_depth(np.array(before.depth), np.array(now.depth), _DEPTH.after(unseen)), 2.0, 1.5)
        + _limited(_TYPE_WEIGHT * np.log(np.maximum(len(now.types[0]) * types, _NO_RATIO)), 2.0, 1.5)
        + _limited(_COLOUR_WEIGHT * (alike - _COLOURS_ALIKE), 2.0, 1.0)
    )


def common_cells(known: Sequence[Remembered], seen: Sequence[Appearance], ids: np.ndarray) -> np.ndarray:
    """Return the number of cells that masks have in common, (known, seen), those known moved along in whole cells."""
    numbers = [item.detection.instance_id for item in seen]
    counts = [_cells_by_instance(item, ids)[numbers] for item in known]
    return np.array(counts).reshape(len(known), len(seen))


def areas(appearances: Iterable[Appearance]) -> np.ndarray:
    """Return the number of cells of each."""
    return np.array([item.cells.shape[1] for item in appearances])


def joined(common: np.ndarray, known_areas: np.ndarray, seen_areas: np.ndarray) -> np.ndarray:
    """Return which of the instruments known, (known, seen), lie together with others in one that is seen.

    Where tools cross or touch, perception may take them for one. Then most of each is covered by it, and together they
    explain it better than one of them alone.

    :param common: (known, seen) cells
    """
    inside = (common >= _COVERED * known_areas[:, None]) & (common >= _LEAST_PART * seen_areas)
    parts = np.where(inside, common, 0)
    gained = parts.sum(axis=0) - parts.max(axis=0, initial=0)
    return inside & (inside.sum(axis=0) > 1) & (gained >= _LEAST_PART * seen_areas)


def _cells_by_instance(known: Remembered, ids: np.ndarray) -> np.ndarray:
    step = np.round(known.moved[::-1] * diagonal(ids)).astype(np.intp)
    rows, columns = known.last.cells + step[:, None]
    inside = (rows >= 0) & (rows < ids.shape[0]) & (columns >= 0) & (columns < ids.shape[1])
    return np.bincount(ids[rows[inside], columns[inside]], minlength=256)


def _limited(values: np.ndarray, least: np.ndarray | float, most: float) -> np.ndarray:
    """Return what a cue says within its limits."""
    return np.minimum(np.maximum(values, -least), most)


def _squared_distances(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    off = before[:, None] - now
    return np.asarray((off * off).sum(axis=2))


def _by_middle(squared: np.ndarray, deviation: np.ndarray, area: float) -> np.ndarray:
    """Compare a normal distribution about where it is expected with a uniform one over the view."""
    variance = deviation**2
    return np.asarray(np.log(area / (2.0 * math.pi * variance)) - 0.5 * squared / variance)


def _by_outer_end(squared: np.ndarray, deviation: np.ndarray, half_border: float) -> np.ndarray:
    """Compare likewise along the border of the view."""
    return np.asarray(np.log(2.0 * half_border / (math.sqrt(2.0 * math.pi) * deviation)) - 0.5 * squared / deviation**2)


def _by_depth(before: np.ndarray, now: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Compare likewise over the depths of a view; where one is unknown, nothing is said."""
    off = np.log(before)[:, None] - np.log(now)
    evidence = np.log(_DEPTH_RANGE / (math.sqrt(2.0 * math.pi) * deviation)) - 0.5 * (off / deviation) ** 2
    return np.nan_to_num(evidence, nan=0.0)
