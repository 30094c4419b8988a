"""The network's depth corrected by parallax: what a camera with a known pose sees from two places tells how far it is.

A network errs in the shape of a scene in all of its pictures alike, which fusing them does not mend. A robot knows how
its camera travelled, and from where to where each place in the picture went: the lines of sight cross there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import cv2
import numpy as np

from mt3dnet_ros.reconstruction.sight_lines import Crossings, Sighting, cross, smooth_guess, telling_pixels
from mt3dnet_ros.reconstruction.tissue_view import TissueView

_LEAST_SIDE = 16  # pixels of a view, for optical flow
_KEPT = 48  # views that are looked back at
_STEP = 0.005  # of the depth, by which the camera has travelled from one of them to the next
_BASELINE = 0.03, 0.25  # of the depth: less tells little, after more it looks different
_PARTNERS = 4  # views that one is compared with, from the nearest to the farthest
_LEAST_MEASURED = 0.02  # of the pixels
_COMPARISONS = 9  # the last of which tell whether tissue stands still: where it moves, lines of sight miss each other
_LEAST_CROSSING = 0.8  # of the pixels that were found again; of still tissue 0.84 to 1 cross
_MOVING = 0.7  # fewer cross where tissue moves; of breathing tissue 0.2, but nearly all where its breath turns
_AGREES = 0.012  # of the logarithm of depth, by which comparisons may differ
_GATE = 3.0  # deviations from what is around a pixel, beyond which it tells nothing
_MAD_TO_DEVIATION = 1.4826  # of a normal distribution
_LEAST_DEVIATION = 0.01  # of the logarithm of depth
_AROUND = 0.12  # of the width: how smooth the network's error is where little was measured
_CLOSE = 0.03, 0.01  # of the width, one after another, where more was
_LEAST_WEIGHT = 0.01  # of a neighbourhood, to be believed rather than a wider one
_FROM_AFAR = 0.02  # how much the mean of all counts where there is nothing around


class Parallax:
    """Corrects the depth of views, one after another, while the camera travels; where it rests, about as it did then.

    The correction is a factor on each pixel's depth: what was measured there, smoothed, and where nothing was, as at
    the edges of instruments, what was measured around. Tissue that moves, as with breath, would be measured wrong: once
    it was seen to move, depth stays as it is.
    """

    def __init__(self) -> None:
        self._sightings: deque[Sighting] = deque(maxlen=_KEPT)
        self._crossing: deque[float] = deque(maxlen=_COMPARISONS)
        self._correction: np.ndarray | None = None  # (h, w) of the logarithm of depth, as smooth as a network's error
        self.tells = False  # whether the last view had parallax
        self.has_told = False  # whether one had, so that a surface is not of the network's scale any more
        self.tissue_moves = False

    def correct(self, view: TissueView, pose: np.ndarray) -> TissueView:
        """Return the view with its depth corrected; as it is while no view had parallax.

        :param pose: (4, 4) from the camera's optical frame to the fixed frame
        """
        if self.tissue_moves or min(view.depth.shape) < _LEAST_SIDE:
            return view
        here = Sighting.of(view, pose)
        if self._sightings and self._sightings[-1].texture.shape != here.texture.shape:  # another camera
            self._sightings.clear()
            self._correction = None
        depth = float(np.median(view.depth[view.known]))
        guess, telling = smooth_guess(view, self._correction), telling_pixels(view, here)
        partners = self._partners(pose, depth)
        measured = self._joined([cross(view, here, each, guess, telling) for each in partners])
        if not self._sightings or self._sightings[-1].distance(pose) > _STEP * depth:
            self._sightings.append(here)
        self.tells = measured is not None
        if measured is not None:
            self._correction, self.has_told = _wide(*measured), True
            return _times(view, _close(*measured, self._correction))
        return view if self._correction is None else _times(view, self._correction)

    def _partners(self, pose: np.ndarray, depth: float) -> list[Sighting]:
        nearest, farthest = (share * depth for share in _BASELINE)
        near = [each for each in self._sightings if nearest < each.distance(pose) < farthest]
        near.sort(key=lambda each: each.distance(pose))
        places = np.linspace(0, len(near) - 1, min(_PARTNERS, len(near))).round().astype(int)
        return [near[place] for place in places]

    def _joined(self, found: list[Crossings]) -> tuple[np.ndarray, np.ndarray] | None:
        """Return what comparisons that agree tell, as in ``Crossings``; None where that is little, or tissue moves."""
        self._crossing += [each.share for each in found if np.isfinite(each.share)]
        crossing = float(np.mean(self._crossing)) if len(self._crossing) == _COMPARISONS else _MOVING
        if crossing < _MOVING:
            self.tissue_moves, self.has_told, self._correction = True, False, None
        if not found or crossing < _LEAST_CROSSING:
            return None
        ratio, weight = _agreeing(found)
        return (ratio, weight) if (weight > 0.0).mean() > _LEAST_MEASURED else None


def _agreeing(found: list[Crossings]) -> tuple[np.ndarray, np.ndarray]:
    """Return logarithm of the ratio and weight, (h, w) each, of what agrees with each other and with what is around."""
    ratios, weights = (np.stack([getattr(each, name) for each in found]) for name in ('log_ratio', 'weight'))
    weight = weights.sum(0)
    ratio = (ratios * weights).sum(0) / np.maximum(weight, 1e-9)
    spread = (weights * (ratios - ratio) ** 2).sum(0) / np.maximum(weight, 1e-9)
    weight = np.where(spread < _AGREES**2, weight, np.float32(0.0))
    if not weight.any():
        return ratio, weight
    off = np.abs(ratio - _wide(ratio, weight))
    gate = _GATE * (_MAD_TO_DEVIATION * np.median(off[weight > 0.0]) + _LEAST_DEVIATION)
    return ratio, np.where(off < gate, weight, np.float32(0.0))


def _wide(ratio: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the mean of what is far around, (h, w)."""
    mean = np.full_like(weight, np.average(ratio, weights=weight))
    return _mean_around(ratio, weight, _AROUND, mean, _FROM_AFAR * float(weight.mean()))


def _close(ratio: np.ndarray, weight: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """Return the mean of what is close around, (h, w), and farther around where nothing is."""
    for share in _CLOSE:
        wide = _mean_around(ratio, weight, share, wide, _LEAST_WEIGHT)
    return wide


def _mean_around(
    ratio: np.ndarray, weight: np.ndarray, share: float, other: np.ndarray, weight_of_other: float
) -> np.ndarray:
    total, around = (cv2.GaussianBlur(each, (0, 0), share * weight.shape[1]) for each in (weight * ratio, weight))
    mean: np.ndarray = (total + weight_of_other * other) / (around + weight_of_other)
    return mean


def _times(view: TissueView, log_factor: np.ndarray) -> TissueView:
    return replace(view, depth=(view.depth * np.exp(log_factor)).astype(np.float32))
