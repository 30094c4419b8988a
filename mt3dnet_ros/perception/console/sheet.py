"""A transparent picture onto which parts are drawn one by one, until no more of the view may be covered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from mt3dnet_ros.perception.console.view import Color
from mt3dnet_ros.perception.overlay import Window, line_thickness

Ink = tuple[int, int, int, int]
"""Blue, green, red and alpha, 0 to 255."""

_HALO: Ink = (0, 0, 0, 170)


@dataclass(frozen=True, eq=False)
class Part:
    """Something that is drawn, or left out, as a whole.

    Strokes are drawn in half transparent black first, two pixels wider, so that they show on any ground.

    :param kind: what it is, such as ``tips``
    :param windows: rows and columns of the picture where it may be drawn, best first; all of one shape
    :param paint: draws on the picture of a window, with an ink and the width of lines in pixels
    """

    kind: str
    color: Color
    windows: tuple[Window, ...]
    paint: Callable[[np.ndarray, Ink, int], None]


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
        if not place.size:
            return True
        drawn = np.zeros(place.shape, np.uint8)
        red, green, blue = part.color
        part.paint(drawn, _HALO, self._thickness + 2)
        part.paint(drawn, (blue, green, red, 255), self._thickness)
        _divide_by_alpha(drawn)
        new = cv2.bitwise_and(_alpha(drawn), cv2.bitwise_not(_filled(place)))
        count = cv2.countNonZero(new)
        if self._covered + count > self._most:
            return False
        self._covered += count
        cv2.copyTo(drawn, new, place)
        return True

    def _is_free(self, window: Window) -> bool:
        place = self._picture[window]
        return bool(place.size) and not cv2.countNonZero(_filled(place))

    def _choose(self, windows: tuple[Window, ...]) -> Window:
        """Return the first window in which nothing is drawn yet, or else the first."""
        return next((window for window in windows if self._is_free(window)), windows[0])


def _alpha(picture: np.ndarray) -> np.ndarray:
    return cv2.extractChannel(picture, 3)


def _filled(picture: np.ndarray) -> np.ndarray:
    """Return (H, W) uint8: 255 where something is drawn."""
    return cv2.inRange(_alpha(picture), 1, 255)


def _divide_by_alpha(picture: np.ndarray) -> None:
    """Divide colours by alpha, by which antialiasing on a transparent ground has multiplied them."""
    edge = cv2.findNonZero(cv2.inRange(_alpha(picture), 1, 254))
    if edge is not None:
        columns, rows = edge[:, 0].T
        pixels = picture[rows, columns].astype(np.float32)
        pixels[:, :3] *= 255.0 / pixels[:, 3:]
        picture[rows, columns] = np.minimum(pixels + 0.5, 255.0)
