"""Text, icons and cursors as recorders, menus and monitors draw them.

Everything is drawn into float32 pictures (H, W, 3) in [0, 1], in place.
"""

from __future__ import annotations

import string

import cv2
import numpy as np

_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX_SMALL,
)  # fmt: skip
_CHARACTERS = np.array(list(string.ascii_letters + string.digits + ' .:-/%+'))
_INKS = ((1.0, 1.0, 1.0), (0.8, 0.8, 0.8), (1.0, 0.95, 0.2), (0.2, 1.0, 0.3), (0.3, 0.9, 1.0), (1.0, 0.3, 0.2),
         (0.0, 0.0, 0.0), (0.2, 0.3, 0.9))  # fmt: skip


def draw_words(rng: np.random.Generator) -> str:
    """Return a line such as stands beside an image: a label, a date, a time, a number with its unit, or letters."""
    numbers = rng.integers(0, 100, 6)
    lines = (
        '{:02d}:{:02d}:{:02d}', '20{:02d}-{:02d}-{:02d}', 'ID: {:02d}{:02d}{:02d}', 'REC {:02d}:{:02d}', 'ZOOM x1.{:d}',
        'GAIN {:d} %', 'IRIS {:d}', 'CH{:d} {:d} mmHg', 'No. {:d}/{:d}', '{:d} l/min',
    )  # fmt: skip
    if rng.random() < 0.5:
        return lines[rng.integers(len(lines))].format(*numbers.tolist())
    return ''.join(rng.choice(_CHARACTERS, rng.integers(3, 24)))


def draw_ink(rng: np.random.Generator) -> tuple[float, float, float]:
    """Return a colour of writing, mostly a bright one."""
    share = np.array([5, 2, 2, 2, 1, 1, 2, 1]) / 16
    return _INKS[rng.choice(len(_INKS), p=share)]


def write(picture: np.ndarray, rng: np.random.Generator, lines: int) -> None:
    """Write some lines, one below the other, anywhere."""
    height, width = picture.shape[:2]
    font, ink = _FONTS[rng.integers(len(_FONTS))], draw_ink(rng)
    scale = float(rng.uniform(0.25, 0.9) ** 1.5 * width / 250 + 0.15)
    thick = 1 + int(scale > 0.8 and rng.random() < 0.5)
    x, y = int(rng.uniform(-0.05, 0.8) * width), int(rng.uniform(0.02, 0.98) * height)
    pitch = max(6, round(30 * scale * rng.uniform(0.9, 1.6)))
    for line in range(lines):
        cv2.putText(picture, draw_words(rng), (x, y + line * pitch), font, scale, ink, thick, cv2.LINE_AA)


def draw_icon(picture: np.ndarray, rng: np.random.Generator) -> None:
    """Draw a button, a lamp, a battery, an arrow, a logo of rings, or a mouse's pointer."""
    height, width = picture.shape[:2]
    side = int(rng.uniform(0.02, 0.09) * width) + 3
    x, y = int(rng.integers(width)), int(rng.integers(height))
    ink, fill = draw_ink(rng), -1 if rng.random() < 0.5 else 1
    icon = rng.integers(6)
    if icon == 0:
        cv2.rectangle(picture, (x, y), (x + 2 * side, y + side), ink, fill)
        cv2.putText(picture, 'OK', (x + 2, y + side - 2), _FONTS[0], side / 30, draw_ink(rng), 1, cv2.LINE_AA)
    elif icon == 1:
        cv2.circle(picture, (x, y), side // 2, ink, fill, cv2.LINE_AA)
    elif icon == 2:
        cv2.rectangle(picture, (x, y), (x + 2 * side, y + side), ink, 1)
        cv2.rectangle(picture, (x + 2, y + 2), (x + int(2 * side * rng.random()), y + side - 2), ink, -1)
    elif icon == 3:
        cv2.arrowedLine(picture, (x, y), (x + side, y + int(side * rng.uniform(-1, 1))), ink, 1, cv2.LINE_AA)
    elif icon == 4:
        for ring in range(int(rng.integers(2, 5))):
            axes = (side // 2 + 1, max(1, int(side * rng.uniform(0.2, 0.5))))
            cv2.ellipse(picture, (x + ring * side // 2, y), axes, 30.0 * ring, 0, 360, ink, 1, cv2.LINE_AA)
    else:
        pointer = np.array([(0, 0), (0, 10), (3, 7), (5, 11), (7, 10), (5, 6), (8, 6)]) * side / 12 + (x, y)
        cv2.fillPoly(picture, [pointer.astype(np.int32)], (1.0, 1.0, 1.0))
        cv2.polylines(picture, [pointer.astype(np.int32)], True, (0.0, 0.0, 0.0), 1)
