"""The part of a picture in which the endoscope shows anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from mt3dnet_ros.perception.surround.level import Level, brightest_channel, find_level
from mt3dnet_ros.perception.surround.outline import EdgePoints, Outline, find_outline
from mt3dnet_ros.perception.surround.profiles import SIDES, Profile, from_side, profile
from mt3dnet_ros.perception.surround.straight_sides import find_sides

PixelBox = tuple[tuple[int, int], tuple[int, int]]
"""First and last + 1 row, and first and last + 1 column."""

_SAMPLES = 128  # of the grid that is looked at, along the picture's longer side
_LEAST_SIZE = 0.28  # of the picture's height and width, that a view has
_CORNER = 3  # samples, of a corner that is looked at
_LEAST_CORNERS = 3  # that are surround, of a view that is no rectangle
_AT_BORDER = 1.0  # samples


@dataclass(frozen=True)
class VisibleArea:
    """What of a picture is not surround.

    :param rows: that show anything
    :param columns: likewise
    :param mask: (H, W) uint8, 0 outside of a round view and of cut corners; None where there are none
    """

    rows: slice
    columns: slice
    mask: np.ndarray | None = None

    @property
    def inner_box(self) -> tuple[slice, slice]:
        """Rows and columns about the middle, all of which are visible: of an ellipse the largest such box."""
        if self.mask is None:
            return self.rows, self.columns
        sides = (self.rows, self.columns)
        margins = [round((1 - math.sqrt(0.5)) / 2 * (side.stop - side.start)) for side in sides]
        rows, columns = (slice(side.start + m, side.stop - m) for side, m in zip(sides, margins, strict=True))
        return rows, columns

    @property
    def box(self) -> PixelBox:
        """Rows and columns that show anything."""
        return (self.rows.start, self.rows.stop), (self.columns.start, self.columns.stop)

    def filled(self, content: np.ndarray, seen: tuple[slice, slice]) -> np.ndarray:
        """Return some rows and columns of the picture, scaled to (h, w, 3), with their mean colour outside of the mask.

        Networks take black for shafts; on real frames this kept more of the masks than black or a fixed colour.
        """
        inside = self.inside(seen, content.shape[:2])
        if inside is None:
            return content
        around = np.empty_like(content, order='C')
        around[:] = np.round(cv2.mean(content, inside)[:3])
        return cv2.copyTo(content, inside, around)

    def inside(self, seen: tuple[slice, slice], size: tuple[int, int]) -> np.ndarray | None:
        """Return the mask of some rows and columns, scaled to a height and width; None where there is none."""
        if self.mask is None:
            return None
        return cv2.resize(self.mask[seen], size[::-1], interpolation=cv2.INTER_NEAREST)

    def crop(self, values: np.ndarray, elsewhere: float) -> None:
        """Overwrite values (H, W) by another where nothing is visible."""
        fill_around(values, (self.rows, self.columns), elsewhere)
        if self.mask is not None:
            values[self._outside] = elsewhere

    @cached_property
    def _outside(self) -> np.ndarray:
        assert self.mask is not None
        return self.mask == 0


def fill_around(values: np.ndarray, inside: tuple[slice, slice], elsewhere: float) -> None:
    """Overwrite values (H, W, ...) outside of some rows and columns."""
    rows, columns = inside
    values[: rows.start] = elsewhere
    values[rows.stop :] = elsewhere
    values[rows, : columns.start] = elsewhere
    values[rows, columns.stop :] = elsewhere


def find_visible_area(rgb: np.ndarray) -> VisibleArea:
    """Return what lies within the surround of a picture; everything where there is none, or where it is all dark.

    A surround is dark, the same all over but for noise, print and small pictures in it, takes at most 35 % of the
    picture on each side, and ends within two hundredths of the width along straight sides, an ellipse, or a rectangle
    with cut corners. Where the light falls off, or a shaft or dark tissue lies at the border, that is not so.

    :param rgb: (H, W, 3) uint8
    """
    height, width = rgb.shape[:2]
    step = max(1, round(max(height, width) / _SAMPLES))
    level = find_level(rgb, step)
    if level is None or min(height, width) < 8 * step:
        return VisibleArea(slice(0, height), slice(0, width))
    samples = np.ascontiguousarray(rgb[step // 2 :: step, step // 2 :: step])
    grey = cv2.medianBlur(brightest_channel(samples), 3)
    profiles = {side: profile(from_side(grey, side), level) for side in SIDES}
    left, right, top, bottom = find_sides(rgb, grey, profiles, level, step)
    if width - left - right < _LEAST_SIZE * width or height - top - bottom < _LEAST_SIZE * height:
        return VisibleArea(slice(0, height), slice(0, width))
    area = VisibleArea(slice(top, height - bottom), slice(left, width - right))
    if (outline := _find_outline(area, grey, level, profiles, step)) is None:
        return area
    return _within_outline(area, outline.scaled(step), rgb.shape[:2])


def _find_outline(
    box: VisibleArea, grey: np.ndarray, level: Level, profiles: Mapping[str, Profile], step: int
) -> Outline | None:
    """Return the outline, in samples, of what shows in a box most of whose corners are surround; None without one."""
    low = np.array([box.columns.start, box.rows.start]) / step
    high = np.array([box.columns.stop, box.rows.stop]) / step
    rows, columns = (slice(int(np.ceil(a)), int(b)) for a, b in zip(low[::-1], high[::-1], strict=True))
    if _empty_corners(level.shows(grey[rows, columns])) < _LEAST_CORNERS:
        return None
    parts = [_edge_points(profiles[side], side, low - 0.5, high - 0.5) for side in SIDES]
    return find_outline(EdgePoints(*map(np.concatenate, zip(*parts, strict=True))), low, high)


def _empty_corners(shown: np.ndarray) -> int:
    """Return how many corners are surround for the most part."""
    ends = slice(0, _CORNER), slice(-_CORNER, None)
    return sum(shown[rows, columns].mean() < 0.5 for rows in ends for columns in ends)


def _edge_points(found: Profile, side: str, low: np.ndarray, high: np.ndarray) -> EdgePoints:
    """Return the points of one side's profile, in samples.

    :param low: (2,) x and y of the edges of the box, in samples; ``high`` likewise
    """
    axis = 0 if side in ('left', 'right') else 1
    lines = np.arange(len(found.first))
    shown = (found.first < found.length) & (lines > low[1 - axis]) & (lines < high[1 - axis])
    inwards = found.first[shown] - 0.5
    border = low[axis] if side in ('left', 'top') else found.length - 1 - high[axis]
    along = inwards if side in ('left', 'top') else found.length - 1 - inwards
    places = np.stack([along, lines[shown]] if axis == 0 else [lines[shown], along], axis=1)
    return EdgePoints(places, found.plain[shown], inwards <= border + _AT_BORDER)


def _within_outline(box: VisibleArea, outline: Outline, size: tuple[int, int]) -> VisibleArea:
    """Return what of a box lies within an outline in pixels; the box where that is too small for a view."""
    mask = np.zeros(size, np.uint8)
    outline.draw(mask)
    for beside in (slice(0, box.rows.start), slice(box.rows.stop, None)):
        mask[beside] = 0
    for beside in (slice(0, box.columns.start), slice(box.columns.stop, None)):
        mask[:, beside] = 0
    x, y, width, height = cv2.boundingRect(mask)
    if width < _LEAST_SIZE * size[1] or height < _LEAST_SIZE * size[0]:
        return box
    return VisibleArea(slice(y, y + height), slice(x, x + width), mask)
