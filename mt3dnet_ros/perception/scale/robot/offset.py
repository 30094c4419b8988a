"""A hand-eye transform that is off, by where tips are seen."""

from __future__ import annotations

from collections import deque

import numpy as np

_WINDOW = 100  # tips
_LEAST = 20  # of which something can be said
_STEADY = 0.5  # of the offset, by which single tips may lie around it


class SidewaysOffset:
    """Recognises that known tips lie beside the seen ones always to the same side."""

    def __init__(self) -> None:
        self._asides: deque[np.ndarray] = deque(maxlen=_WINDOW)

    def add(self, aside: np.ndarray) -> None:
        """Take the way from the line of sight of a seen tip to the known one, (3,) metres."""
        self._asides.append(aside)

    def describe(self, usual: float) -> str:
        """Return what is off, in words; empty where nothing is known to be.

        :param usual: offset, metres, that is no reason to say so
        """
        if len(self._asides) < _LEAST:
            return ''
        asides = np.array(self._asides)
        offset = np.median(asides, axis=0)
        size = float(np.linalg.norm(offset))
        around = float(np.median(np.linalg.norm(asides - offset, axis=1)))
        if size <= usual or around > _STEADY * size:
            return ''
        x, y, _ = 1e3 * offset
        return (
            f'the hand-eye transform is off: known tips are on average {abs(x):.0f} mm '
            f'{"right" if x > 0 else "left"} and {abs(y):.0f} mm {"below" if y > 0 else "above"} of the seen ones; '
            'calibrate it again'
        )

    def forget(self) -> None:
        """Forget the tips before."""
        self._asides.clear()
