"""What a surround looks like: one dark level, give or take noise."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_BRIGHTEST = 80  # grey value beyond which nothing is a surround
_LEAST, _MOST = 16, 32  # grey values that noise and compression may add to a surround
_LEAST_SHARE = 0.07  # of the borders, that a surround has
_FLAT = 12  # grey values within which pixels tell of a level's noise
_BIN = 9  # grey values over which the histogram is smoothed


class Level(NamedTuple):
    """The brightest channel of a surround, and how far noise takes it, in grey values."""

    value: int
    noise: int

    def shows(self, grey: np.ndarray) -> np.ndarray:
        """Return where there is something else than the surround.

        :param grey: (...) uint8, the brightest channel
        """
        return self._differs(grey, self.noise)

    def shows_plainly(self, grey: np.ndarray) -> np.ndarray:
        """Return where a picture differs from the surround by twice what noise can do."""
        return self._differs(grey, 2 * self.noise)

    def _differs(self, grey: np.ndarray, noise: int) -> np.ndarray:
        low, high = max(self.value - noise, 0), min(self.value + noise, 255)
        return grey - np.uint8(low) > high - low  # what is below wraps around: two passes of bytes in place of four


def brightest_channel(rgb: np.ndarray) -> np.ndarray:
    """Return the largest of each pixel's three channels, (...) of (..., 3)."""
    return np.maximum(np.maximum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])


def find_level(rgb: np.ndarray, step: int) -> Level | None:
    """Return the dark level that is most frequent along the borders of a picture; None where it is rare.

    A surround is flat and content is not, so that a surround makes a peak though it holds a minor part of the border.

    :param rgb: (H, W, 3) uint8
    :param step: distance in pixels of those that are looked at
    """
    lines = rgb[0, ::step], rgb[-1, ::step], rgb[::step, 0], rgb[::step, -1]
    grey = brightest_channel(np.concatenate(lines))
    counts = np.bincount(grey, minlength=256)[: _BRIGHTEST + _BIN]
    counts = np.convolve(counts, np.ones(_BIN, int), 'same')[: _BRIGHTEST + 1]
    value = int(counts.argmax())
    if counts[value] < _LEAST_SHARE * len(grey):
        return None
    deviations = np.abs(grey.astype(int) - value)
    deviations = deviations[deviations <= _FLAT]
    spread = float(np.sqrt((deviations**2).mean())) if deviations.size else 0.0
    return Level(value, int(np.clip(round(4.0 * spread), _LEAST, _MOST)))
