"""Pictures that show no scene."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

SIZES = [(32, 32), (30, 200), (200, 30), (240, 320), (576, 720), (1080, 1920)]


def plain(red: int, green: int, blue: int, deviation: float = 0.0) -> Callable[[tuple[int, int]], np.ndarray]:
    """Return what makes pictures of one colour, with the noise of a sensor.

    :param deviation: of the noise, in grey values
    """

    def make(size: tuple[int, int]) -> np.ndarray:
        noise = np.random.default_rng(3).normal(0.0, deviation, (*size, 3))
        return np.clip(np.array([red, green, blue]) + noise, 0, 255).astype(np.uint8)

    return make


def static(size: tuple[int, int]) -> np.ndarray:
    """Return the noise of an open line."""
    return np.random.default_rng(4).integers(0, 256, (*size, 3), np.uint8)


def grey_static(size: tuple[int, int]) -> np.ndarray:
    """Return the noise of an open line without colour."""
    return np.random.default_rng(5).integers(0, 256, (*size, 1), np.uint8).repeat(3, 2)


def jpeg_grey(size: tuple[int, int]) -> np.ndarray:
    """Return noisy grey after a poor JPEG."""
    return cv2.imdecode(cv2.imencode('.jpg', plain(120, 120, 120, 8.0)(size), [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 1)


def colour_bars(size: tuple[int, int]) -> np.ndarray:
    """Return the eight bars of a test pattern."""
    colours = [(r, g, b) for g in (235, 16) for r in (235, 16) for b in (235, 16)]
    return np.array(colours, np.uint8)[np.arange(size[1]) * 8 // size[1]][None].repeat(size[0], 0)


def menu(size: tuple[int, int]) -> np.ndarray:
    """Return lines of light text on a dark ground."""
    picture = plain(20, 30, 60)(size)
    scale = min(size) / 400
    for number, line in enumerate(('INPUT 1: NO SIGNAL', 'Patient  Procedure', 'White balance  OK', '12:03:44  REC')):
        place = int(0.05 * size[1]), int((0.2 + 0.2 * number) * size[0])
        cv2.putText(picture, line, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (230, 230, 230), max(1, round(2 * scale)))
    return picture


BLANKS: dict[str, Callable[[tuple[int, int]], np.ndarray]] = {
    'black': plain(0, 0, 0),
    'noisy black': plain(4, 4, 6, 5.0),
    'grey': plain(128, 128, 128, 3.0),
    'white': plain(255, 255, 255),
    'blue': plain(10, 30, 220),
    'green': plain(0, 177, 64, 2.0),
    'pink': plain(220, 120, 110, 2.0),
    'jpeg': jpeg_grey,
    'noise': static,
    'grey noise': grey_static,
}
"""Those that are told without a network, by name."""

PATTERNS: dict[str, Callable[[tuple[int, int]], np.ndarray]] = {'colour bars': colour_bars, 'menu': menu}
"""Those that take a network with a view head, by name."""
