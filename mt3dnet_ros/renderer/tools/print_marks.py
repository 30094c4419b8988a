"""What is printed on shafts: letters, bars, blocks and rings, on the texture that is wound around a tool.

The rows of the texture run 60 mm along the tool; its first half of columns covers one side of the tool and is mirrored
to the other.
"""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.renderer.streams import stream

ALONG, AROUND = 480, 64  # pixels of the print: 60 mm and half the circumference of a 5 mm shaft
LETTERS = list('ABCDEFGHIKLMNOPRSTUVXYZ0123456789abcdeghilmnorstu -')
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX)


def print_marks(rng: np.random.Generator, size: int, weight: tuple[float, float], around: int = AROUND) -> np.ndarray:
    """Return ink (size, size) float32 in [0, 1]: a line of random letters, blocks and bars along the tool.

    :param weight: least and largest width of a letter's strokes, in heights of the letters
    :param around: pixels of the print around half of the shaft; more on thicker ones
    """
    canvas = np.zeros((around, ALONG), np.uint8)
    height = int(rng.uniform(0.3, 0.75) * AROUND)
    base = int(rng.integers(height, around + 1))
    start = int(rng.integers(0, ALONG // 2))
    if rng.random() < 0.5:
        start = _blocks(rng, canvas, start, base, height)
    if rng.random() < 0.8:
        word = ''.join(rng.choice(LETTERS, rng.integers(3, 16)))
        stroke = stream(rng, 'stroke').uniform(*weight)
        font, thickness = int(rng.choice(FONTS)), max(1, int(stroke * height))
        cv2.putText(canvas, word, (start, base), font, height / 22, 255, thickness, cv2.LINE_AA)
    if rng.random() < 0.3:
        row = int(rng.integers(0, around))
        cv2.line(canvas, (0, row), (ALONG, row), 255, int(rng.integers(1, 6)))
    half = cv2.resize(canvas, (size, size // 2), interpolation=cv2.INTER_AREA).T.astype(np.float32) / 255
    return np.hstack([half, half[:, ::-1]])


def _blocks(rng: np.random.Generator, canvas: np.ndarray, start: int, base: int, height: int) -> int:
    """Draw a logo of a few blocks and return where it ends."""
    for _ in range(rng.integers(1, 4)):
        width, inset = int(rng.uniform(0.2, 0.9) * height), int(rng.uniform(0, 0.4) * height)
        cv2.rectangle(canvas, (start, base - height + inset), (start + width, base), 255, -1)
        start += width + int(rng.integers(3, 12))
    return start + 8


def bands(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return rings (size, size) float32, 1 on a ring and 0 beside it."""
    rings = np.zeros((size, size), np.float32)
    for _ in range(rng.integers(1, 4)):
        start, width = int(rng.integers(size)), int(rng.integers(2, size // 10))
        rings[start : start + width] = 1
    return rings
