"""Pictures in which nobody could see an instrument: blank ones, noise, bars, text; always the same."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

SIZES = ((240, 320), (576, 720), (1080, 1920))
"""Heights and widths in pixels."""
_BARS = ((191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191))
_TEXT = 'NO SIGNAL  HDMI 1  12:34:56'
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def blank_pictures(height: int, width: int) -> dict[str, np.ndarray]:
    """Return every picture by its name, each (height, width, 3) uint8 RGB."""
    return {name: draw(height, width) for name, draw in _PICTURES.items()}


def _plain(*color: int) -> Callable[[int, int], np.ndarray]:
    return lambda height, width: np.full((height, width, 3), color, np.uint8)


def _noise(cell: int, channels: int) -> Callable[[int, int], np.ndarray]:
    def draw(height: int, width: int) -> np.ndarray:
        cells = np.random.default_rng(0).integers(0, 256, (-(-height // cell), -(-width // cell), channels), np.uint8)
        picture = np.kron(cells, np.ones((cell, cell, 1), np.uint8))[:height, :width]
        return np.broadcast_to(picture, (height, width, 3)).copy()

    return draw


def _dim_noise(height: int, width: int) -> np.ndarray:
    """Return what a sensor sees under a lens cap."""
    return np.random.default_rng(0).normal(6.0, 4.0, (height, width, 3)).clip(0, 255).astype(np.uint8)


def _bars(height: int, width: int) -> np.ndarray:
    owner = np.arange(width) * len(_BARS) // width
    return np.tile(np.array(_BARS, np.uint8)[owner], (height, 1, 1))


def _ramp(height: int, width: int) -> np.ndarray:
    row = np.linspace(0, 255, width).astype(np.uint8)
    return np.broadcast_to(row[None, :, None], (height, width, 3)).copy()


def _checkerboard(height: int, width: int) -> np.ndarray:
    rows, columns = np.ogrid[:height, :width]
    cell = height // 8
    return np.repeat(255 * ((rows // cell + columns // cell) % 2).astype(np.uint8)[..., None], 3, axis=2)


def _test_card(height: int, width: int) -> np.ndarray:
    picture = np.full((height, width, 3), 110, np.uint8)
    for edge in range(0, width, height // 12):
        cv2.line(picture, (edge, 0), (edge, height), (230, 230, 230), 1)
        cv2.line(picture, (0, edge), (width, edge), (230, 230, 230), 1)
    cv2.circle(picture, (width // 2, height // 2), int(0.45 * height), (255, 255, 255), max(1, height // 150))
    return picture


def _text(size: float, ink: int, paper: tuple[int, int, int]) -> Callable[[int, int], np.ndarray]:
    """Return what fills a picture with lines of text.

    :param size: height of a line over that of the picture
    """

    def draw(height: int, width: int) -> np.ndarray:
        picture = np.full((height, width, 3), paper, np.uint8)
        line = size * height
        for row in range(int(1 / size)):
            place = round(0.03 * width), round((row + 0.75) * line)
            cv2.putText(picture, _TEXT, place, _FONT, line / 45, (ink, ink, ink), max(1, round(line / 20)), cv2.LINE_AA)
        return picture

    return draw


_PICTURES: dict[str, Callable[[int, int], np.ndarray]] = {
    'black': _plain(0, 0, 0),
    'dark grey': _plain(40, 40, 40),
    'grey': _plain(128, 128, 128),
    'white': _plain(255, 255, 255),
    'blue': _plain(0, 0, 200),
    'green': _plain(20, 160, 40),
    'red': _plain(170, 40, 30),
    'lens cap': _dim_noise,
    'fine noise': _noise(1, 3),
    'grey noise': _noise(2, 1),
    'coarse noise': _noise(16, 3),
    'bars': _bars,
    'ramp': _ramp,
    'checkerboard': _checkerboard,
    'test card': _test_card,
    'small text': _text(0.05, 255, (0, 0, 0)),
    'text': _text(0.1, 20, (235, 235, 235)),
    'large text': _text(0.25, 255, (0, 0, 160)),
}
