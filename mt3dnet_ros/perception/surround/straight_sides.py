"""Surrounds with straight sides: the borders and pillars that recorders leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.perception.surround.level import Level, brightest_channel
from mt3dnet_ros.perception.surround.profiles import SIDES, Profile, from_side, profile

_WIDEST = 0.36  # of the picture, that a surround takes on one side
_NARROW = 0.1  # of the picture, that a border on one side alone may take and need not be as whole as a wider one
_LEAST_SUPPORT = 0.3  # of the lines that show anything, that have to begin on a side
_LEAST_ALONE = 0.6  # likewise, of a wide surround on one side alone
_AROUND = 4  # places around a side, of which
_LEAST_STRAIGHT = 0.8  # of the lines that begin there have to begin on it
_NEIGHBOURS = np.ones(3, int)
_FINE_STEPS = 3  # steps of the grid that are looked at pixel by pixel
_FLAT = 5.0  # grey values, by which the mean of a surround differs from place to place
_SOFT = 0.4  # steps of the grid, that a straight side may waver by, among pixels
_LINES = 8  # over which that mean is taken


class _Side(NamedTuple):
    """A straight side: lines of pixels outside of it, and the share of the lines across that begin on it."""

    width: int
    support: float


_NONE = _Side(0, 0.0)


def find_sides(
    rgb: np.ndarray, grey: np.ndarray, profiles: Mapping[str, Profile], level: Level, step: int
) -> list[int]:
    """Return how many lines of pixels belong to the surround on each of ``SIDES``.

    Narrow borders are looked for among pixels; wider ones among the samples of a grid, and then to the pixel.

    :param rgb: (H, W, 3) uint8
    :param grey: (h, w) uint8, the grid
    :param profiles: of the grid, by side
    :param step: pixels per sample of the grid
    """
    found = {side: _find_side(rgb, grey, profiles[side], level, side, step) for side in SIDES}
    for side, other in zip(SIDES, ('right', 'left', 'bottom', 'top'), strict=True):
        wide = found[side].width > _NARROW * profiles[side].length * step
        if wide and not found[other].width and found[side].support < _LEAST_ALONE:
            found[side] = _NONE
    return [found[side].width for side in SIDES]


def _find_side(rgb: np.ndarray, grey: np.ndarray, coarse: Profile, level: Level, side: str, step: int) -> _Side:
    lines = from_side(rgb, side)[step // 2 :: step]
    shown = int(np.count_nonzero(coarse.first < coarse.length))
    if np.count_nonzero(~level.shows(brightest_channel(lines[:, 0]))) < _LEAST_SUPPORT * shown:
        return _NONE
    narrow = _pixels(lines, level, 0, step)
    if (place := _commonest(narrow)) and (support := _support(narrow, place, shown)) >= _LEAST_SUPPORT:
        return _Side(place, support)
    place = _commonest(coarse)
    if not 1 < place <= _WIDEST * coarse.length or (support := _support(coarse, place, shown)) < _LEAST_SUPPORT:
        return _NONE
    near = (np.abs(coarse.first - place) <= 1) & coarse.inside
    if not _is_flat(from_side(grey, side)[near, : place - 1], level):
        return _NONE
    begin = (place - 1) * step
    first = _pixels(lines, level, begin, step).first[near]
    width = int(np.sort(first)[len(first) // 2])
    on_side = np.abs(first - width) <= max(2, round(_SOFT * step))
    return _Side(begin + width, support) if on_side.mean() >= _LEAST_STRAIGHT else _NONE


def _pixels(lines: np.ndarray, level: Level, begin: int, step: int) -> Profile:
    grey = brightest_channel(lines[:, begin : begin + _FINE_STEPS * step])
    return profile(grey, level, max(3, step))


def _commonest(found: Profile) -> int:
    """Return the place at which most lines begin, give or take one; 0 where it is no straight side.

    The outermost lines of a circle begin at nearly one place, too, but there are as many next to it.
    """
    places = found.first[found.inside]
    if places.size < 2:
        return 0
    counts = np.bincount(places + _AROUND, minlength=found.length + 2 * _AROUND)
    place = int(np.convolve(counts, _NEIGHBOURS, 'same').argmax())
    on_side, around = (counts[place - reach : place + reach + 1].sum() for reach in (1, _AROUND))
    near = np.sort(places[np.abs(places - place + _AROUND) <= 1])
    return int(near[len(near) // 2]) if on_side >= _LEAST_STRAIGHT * around else 0


def _support(found: Profile, place: int, shown: int) -> float:
    return np.count_nonzero(found.inside & (np.abs(found.first - place) <= 1)) / max(shown, 1)


def _is_flat(surround: np.ndarray, level: Level) -> bool:
    """Return whether samples (n, m) of a surround have one mean along it; print in it is left out."""
    if surround.shape[0] < _LINES or surround.shape[1] < 2:
        return True
    means = np.clip(surround, level.value - level.noise, level.value + level.noise).mean(axis=1)
    return bool(np.ptp(np.convolve(means, np.full(_LINES, 1.0 / _LINES), 'valid')) <= _FLAT)
