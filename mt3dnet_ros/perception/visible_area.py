"""The part of a picture in which the endoscope shows anything."""

from __future__ import annotations

from itertools import takewhile

import numpy as np

VisibleArea = tuple[slice, slice]
"""Rows and columns of a picture."""

_BLACK = 24  # of 255: noise and compression lift what should be 0
_WIDEST = 0.1  # of the picture's height or width, that is looked at on each side


def find_visible_area(rgb: np.ndarray) -> VisibleArea:
    """Return the rows and columns between the black borders that recorders leave.

    A row belongs to a border where not one of its pixels is brighter than black; so for columns. What is black for more
    than a tenth of the picture is taken for darkness.

    :param rgb: (H, W, 3) uint8
    """
    columns = rgb.swapaxes(0, 1)
    return _between_borders(rgb), _between_borders(columns)


def _between_borders(lines: np.ndarray) -> slice:
    widest = round(_WIDEST * len(lines))
    return slice(_black(lines[:widest]), len(lines) - _black(lines[::-1][:widest]))


def _black(lines: np.ndarray) -> int:
    """Return how many lines are black before the first that is not; 0 where all are."""
    count = sum(1 for _ in takewhile(lambda line: line.max() <= _BLACK, lines))
    return count if count < len(lines) else 0
