"""Menus, windows, text and logos: what a system shows in place of its camera."""

from __future__ import annotations

import cv2
import numpy as np

from mt3dnet_ros.training.augmentation.writing import draw_icon, draw_ink, write

from .blank import Size, black, draw_colour, plain, ramp
from .noise import fractal


def menu(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return windows with titles, buttons and lines of text."""
    picture = _ground(rng, size)
    height, width = size
    for _ in range(int(rng.integers(1, 6))):
        left, top = int(rng.uniform(-0.1, 0.8) * width), int(rng.uniform(-0.1, 0.8) * height)
        right, bottom = left + int(rng.uniform(0.1, 0.9) * width), top + int(rng.uniform(0.05, 0.8) * height)
        cv2.rectangle(picture, (left, top), (right, bottom), draw_colour(rng, 0.7).tolist(), -1)
        cv2.rectangle(picture, (left, top), (right, bottom), draw_ink(rng), int(rng.integers(1, 3)))
        if rng.random() < 0.6:
            cv2.rectangle(picture, (left, top), (right, top + height // 20), draw_colour(rng, 0.2).tolist(), -1)
    for _ in range(int(rng.integers(0, 8))):
        draw_icon(picture, rng)
    for _ in range(int(rng.integers(1, 6))):
        write(picture, rng, int(rng.integers(1, 9)))
    return picture


def text(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return few or many lines of text on a plain ground: *no signal*, a report, a console."""
    picture = _ground(rng, size)
    for _ in range(int(rng.integers(1, 5))):
        write(picture, rng, int(rng.choice([1, 2, 4, 10, 20])))
    return picture


def logo(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Return some large shapes on a plain ground, with or without a name."""
    picture = _ground(rng, size)
    height, width = size
    for _ in range(int(rng.integers(1, 5))):
        centre = (int(rng.uniform(0.25, 0.75) * width), int(rng.uniform(0.25, 0.75) * height))
        axes, ink = (rng.uniform(0.04, 0.25, 2) * width).astype(int).tolist(), draw_colour(rng, 0.2).tolist()
        thick, shape = -1 if rng.random() < 0.6 else int(rng.integers(1, 9)), rng.integers(3)
        if shape == 0:
            cv2.ellipse(picture, centre, axes, rng.uniform(0, 180), 0, 360, ink, thick, cv2.LINE_AA)
        elif shape == 1:
            cv2.rectangle(picture, centre, (centre[0] + axes[0], centre[1] + axes[1]), ink, thick)
        else:
            corners = np.array(centre) + rng.uniform(-1, 1, (int(rng.integers(3, 6)), 2)) * max(axes)
            cv2.fillPoly(picture, [corners.astype(np.int32)], ink, cv2.LINE_AA)
    if rng.random() < 0.6:
        write(picture, rng, 1)
    return picture


def _ground(rng: np.random.Generator, size: Size) -> np.ndarray:
    kind = rng.choice(4, p=[0.25, 0.4, 0.25, 0.1])
    return np.ascontiguousarray((black, plain, ramp, fractal)[kind](rng, size), np.float32)
