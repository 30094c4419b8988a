"""The mask's outline beside a shaft, and what cuts it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.geometry.camera import Camera
from mt3dnet_ros.perception.scale.shaft.sampling import Places, sample, to_pixels
from mt3dnet_ros.perception.scale.shaft.silhouette import Strip, UnfitSilhouetteError
from mt3dnet_ros.perception.scale.shaft.statistics import robust_line

BORDER, OTHER, PART = 'cut by the border', 'cut by another instrument', 'at a tip cover or wrist'
SHORT = 'too short'
SHORTEST = 0.6  # of its width, of a shaft that tells anything
_ROWS = 24
_ALONG = np.linspace(-1.0, 1.0, _ROWS)
_ROUNDS = 2  # of measuring the outline and turning the strip by it
_STEP = 4.0  # pixels
_BEYOND = 2  # steps
_MARGIN = 30.0  # pixels, beyond half as much again as the rough width
_BORDER = 2.0  # pixels
_LEAST_FREE = 4  # rows
_CUT = 0.3  # of the rows, by which a silhouette is said to be cut


@dataclass(frozen=True)
class MaskView:
    """What the masks show of one instrument.

    :param ids: (H, W) uint8 instance id per pixel
    :param own: its id
    :param visible: (H, W) uint8, 0 where the image shows nothing; None where it shows something everywhere
    :param shaft: (h, w) uint8 per cell of the network's output, 1 where it is the instrument's shaft
    :param to_cells: from pixels to cells: ``cell = scale * pixel + offset``, (2,) each
    """

    ids: np.ndarray
    own: int
    visible: np.ndarray | None
    shaft: np.ndarray
    to_cells: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class MaskOutline:
    """Both sides of a shaft's mask, where both are free.

    :param strip: along the middle between them
    :param convergence: half the difference of their slopes in the strip, positive where the shaft widens along it
    """

    strip: Strip
    convergence: float


def trace_outline(view: MaskView, camera: Camera, strip: Strip) -> MaskOutline:
    """Return where both sides of a shaft are free.

    :param strip: a rough one
    :raises UnfitSilhouetteError: when they are not free over a sufficient length
    """
    outline = MaskOutline(strip, 0.0)
    for _ in range(_ROUNDS):
        outline = _Rows(view, camera, outline.strip).outline()
    if outline.strip.half_length < SHORTEST * outline.strip.half_width:
        raise UnfitSilhouetteError(SHORT)
    return outline


class _Rows:
    """The mask across a strip, in rows along it."""

    def __init__(self, view: MaskView, camera: Camera, strip: Strip) -> None:
        pixel = 1.0 / camera.fx
        reach = 1.5 * strip.half_width + _MARGIN * pixel
        self._strip = strip
        self._t = strip.half_length * _ALONG
        self._middle = int(reach / (_STEP * pixel))
        self._s = np.arange(-self._middle, self._middle + 1) * (reach / self._middle)
        pixels = to_pixels(camera, strip, self._t[:, None], self._s)
        ids = sample(view.ids, pixels, cv2.INTER_NEAREST, cv2.BORDER_CONSTANT)
        self._outside = _outside(view, pixels)
        inside = ~self._outside
        self._own = (ids == view.own) & inside
        self._others = (ids > 0) & (ids != view.own) & inside
        scale, offset = (values.astype(np.float32) for values in view.to_cells)
        cells = [values[:, self._middle, None] * scale[axis] + offset[axis] for axis, values in enumerate(pixels)]
        is_shaft = sample(view.shaft, (cells[0], cells[1]), cv2.INTER_NEAREST)
        self._inside = self._own[:, self._middle] & (is_shaft[:, 0] > 0)

    def outline(self) -> MaskOutline:
        """Return the outline through the rows in which both sides are free."""
        last = len(self._s) - 1
        low, high = self._ends()
        rows, ends = (
            np.arange(_ROWS),
            np.array([low, low - _BEYOND, high, high + _BEYOND, np.full(_ROWS, self._middle)]),
        )
        ends = np.minimum(np.maximum(ends, 0), last)
        at_border, at_other = (np.logical_or.reduce(seen[rows, ends]) for seen in (self._outside, self._others))
        free = self._inside & (low >= 0) & (high <= last) & ~at_border & ~at_other
        if np.count_nonzero(free) < _LEAST_FREE:
            raise UnfitSilhouetteError(self._reason(at_border, at_other))
        half_step = 0.5 * (self._s[1] - self._s[0])
        sides = self._s[low[free]] + half_step, self._s[high[free]] - half_step
        return _between(self._strip, self._t[free], *sides)

    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the first columns beside the mask as seen from the middle, -1 and M where there are none."""
        columns = np.arange(len(self._s))
        low = np.where(self._own | (columns > self._middle), -1, columns).max(axis=1)
        high = np.where(self._own | (columns < self._middle), len(self._s), columns).min(axis=1)
        return low, high

    def _reason(self, at_border: np.ndarray, at_other: np.ndarray) -> str:
        border, other = at_border.mean(), at_other.mean()
        if max(border, other) >= _CUT:
            return BORDER if border >= other else OTHER
        return PART if self._inside.mean() < 0.5 else SHORT


def _outside(view: MaskView, pixels: Places) -> np.ndarray:
    """Return which pixels, (N, M), are at the border of what the image shows, or beyond."""
    height, width = view.ids.shape
    columns, rows = pixels
    inside = (columns > _BORDER) & (columns < width - 1 - _BORDER) & (rows > _BORDER) & (rows < height - 1 - _BORDER)
    if view.visible is not None:
        inside &= sample(view.visible, pixels, cv2.INTER_NEAREST, cv2.BORDER_CONSTANT) > 0
    return ~inside


def _between(strip: Strip, t: np.ndarray, low: np.ndarray, high: np.ndarray) -> MaskOutline:
    """Return the outline of which points (N,) of both sides are given in a strip."""
    (a, b), (c, d) = robust_line(t, low), robust_line(t, high)
    slope, middle = 0.5 * (b + d), 0.5 * float(t[0] + t[-1])
    along = strip.along + slope * strip.across
    centre = strip.centre + middle * strip.along + (0.5 * (a + c) + slope * middle) * strip.across
    half_width = max(0.5 * (c - a + (d - b) * middle), abs(strip.half_width) / 4)
    stretch = float(np.linalg.norm(along))
    half_length = 0.5 * float(t[-1] - t[0]) * stretch
    return MaskOutline(Strip(centre, along / stretch, half_length, half_width / stretch), 0.5 * (d - b) / stretch**2)
