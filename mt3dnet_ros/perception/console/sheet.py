"""A transparent picture onto which parts are drawn one by one, until no more of the view may be covered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.perception.console.view import Color
from mt3dnet_ros.perception.overlay import Window, line_thickness

_HALO = 2 / 3  # opacity of the black around everything, by which it shows on any ground
_HALO_WIDTH = 2  # pixels by which that is wider than what it surrounds


@dataclass(frozen=True, eq=False)
class Part:
    """Something that is drawn, or left out, as a whole.

    :param kind: what it is, such as ``tips``
    :param windows: rows and columns of the picture where it may be drawn, best first; all of one shape
    :param paint: draws in white on a black picture (h, w) uint8 of a window, with lines so many pixels wide
    """

    kind: str
    color: Color
    windows: tuple[Window, ...]
    paint: Callable[[np.ndarray, int], None]


class Sheet:
    """Draws parts on a picture; what was drawn first stays on top.

    :param picture: (H, W, 4) uint8, all zero: blue, green, red, alpha
    :param most_covered: pixels that may be other than fully transparent, as a part of all
    """

    def __init__(self, picture: np.ndarray, most_covered: float) -> None:
        self._picture = picture
        self._most = int(most_covered * picture.shape[0] * picture.shape[1])
        self._thickness = line_thickness(picture)
        self._covered = 0  # pixels

    @property
    def covered(self) -> float:
        """The part of the picture that is not fully transparent."""
        height, width = self._picture.shape[:2]
        return self._covered / (height * width)

    def draw(self, part: Part) -> bool:
        """Draw a part where nothing is yet; False, and nothing of it is drawn, where it would cover too much."""
        place = self._picture[self._choose(part.windows)]
        halo, core = (np.zeros(place.shape[:2], np.uint8) for _ in range(2))
        if not halo.size:
            return True
        part.paint(halo, self._thickness + _HALO_WIDTH)
        part.paint(core, self._thickness)
        rows, columns = _free_pixels(halo, place)
        if self._covered + len(rows) > self._most:
            return False
        self._covered += len(rows)
        place[rows, columns] = _blend(halo[rows, columns], core[rows, columns], part.color)
        return True

    def _choose(self, windows: tuple[Window, ...]) -> Window:
        """Return the first window in which nothing is drawn yet, or else the first."""
        if len(windows) == 1:
            return windows[0]
        return next((window for window in windows if self._is_free(window)), windows[0])

    def _is_free(self, window: Window) -> bool:
        place = self._picture[window]
        return bool(place.size) and not cv2.countNonZero(cv2.extractChannel(place, 3))


def _free_pixels(drawn: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns where something is to be drawn, and nothing is yet."""
    found = cv2.findNonZero(drawn)
    if found is None:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    columns, rows = found[:, 0].T
    free = place[rows, columns, 3] == 0
    return rows[free], columns[free]


def _blend(halo: np.ndarray, core: np.ndarray, color: Color) -> np.ndarray:
    """Return blue, green, red and alpha, (n, 4) uint8, of a colour on its half transparent black halo.

    The colours are not multiplied by alpha: displays do that.

    :param halo: (n,) uint8, how far each pixel is within the halo (and ``core``)
    """
    top = core.astype(np.float32) / 255.0
    alpha = top + _HALO / 255.0 * halo * (1.0 - top)
    red, green, blue = color
    shades = np.outer(top / alpha, np.array((blue, green, red), np.float32))
    return (np.column_stack([shades, 255.0 * alpha]) + 0.5).astype(np.uint8)
