"""The network's depth corrected by parallax: what a camera with a known pose sees from two places tells how far it is.

A network errs in the shape of a scene in all of its pictures alike, which fusing them does not mend. A robot knows how
its camera travelled, and from where to where a place in the picture went: the lines of sight cross there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from mt3dnet_ros.reconstruction.tissue_view import TissueView

_KEPT = 24  # views that are looked back at
_STEP = 0.005  # of the depth, by which the camera has travelled from one of them to the next
_BASELINE = 0.045, 0.2  # of the depth: less tells little, after more it looks different
_PARTNERS = 3  # views that one is compared with
_PLACES, _QUALITY, _DISTANCE = 600, 0.003, 4  # corners in a view, the least of the best one's strength, pixels apart
_HIGHLIGHT = 200  # brightness: reflections travel with the light
_EDGE = np.ones((7, 7), np.uint8)  # around highlights, instruments, and what is unknown
_WINDOW, _PYRAMID = (21, 21), 2
_CLOSES = 0.5  # pixels by which a place may be missed on the way back
_CROSSES = 0.7  # pixels by which lines of sight may miss each other
_PARALLAX = 4.0, 20.0  # pixels: less tells nothing, more no more
_LEAST_PLACES = 40
_COMPARISONS = 9  # the last of which tell whether tissue stands still: where it moves, lines of sight miss each other
_LEAST_CROSSING = 0.7  # of the places that were found again; of still tissue 0.84 to 0.93 cross
_MOVING = 0.5  # fewer cross where tissue moves; of breathing tissue 0.1 to 0.4 do
_GATE = 3.0  # deviations from the median beyond which a place tells nothing
_MAD_TO_DEVIATION = 1.4826  # of a normal distribution
_LEAST_DEVIATION = 0.01  # of the logarithm of depth
_NEIGHBOURHOOD = 0.12  # of the width: how smooth the network's error is taken to be
_FROM_AFAR = 0.02  # how much the mean of all places counts where there are none


@dataclass(frozen=True, eq=False)
class Sighting:
    """A view that later ones are compared with.

    :param brightness: (h, w) uint8
    :param pose: (4, 4) from the camera's optical frame to the fixed frame
    """

    brightness: np.ndarray
    pose: np.ndarray


@dataclass(frozen=True, eq=False)
class Places:
    """Places of a view whose distance was measured.

    :param pixels: (n, 2) columns and rows
    :param log_ratio: (n,) logarithm of the depth that was measured over that of the view
    :param weight: (n,)
    :param crossing: how many of those that were found again have lines of sight that cross, 0 to 1
    """

    pixels: np.ndarray
    log_ratio: np.ndarray
    weight: np.ndarray
    crossing: float

    def only(self, which: np.ndarray) -> Places:
        """Return some of the places, by (n,) bool."""
        return Places(self.pixels[which], self.log_ratio[which], self.weight[which], self.crossing)


class Parallax:
    """Corrects the depth of views, one after another, while the camera travels, and as it did then while it rests.

    The correction is a smooth factor over the picture; edges stay those of the network. Tissue that moves, as with
    breath, would be measured wrong: once it was seen to move, depth stays as it is.
    """

    def __init__(self) -> None:
        self._sightings: deque[Sighting] = deque(maxlen=_KEPT)
        self._crossing: deque[float] = deque(maxlen=_COMPARISONS)
        self._correction: np.ndarray | None = None  # (h, w) of the logarithm of depth
        self.tells = False  # whether the last view had parallax
        self.has_told = False  # whether one had, so that a surface is not of the network's scale any more
        self.tissue_moves = False

    def correct(self, view: TissueView, pose: np.ndarray) -> TissueView:
        """Return the view with its depth corrected; as it is while no view had parallax.

        :param pose: (4, 4) from the camera's optical frame to the fixed frame
        """
        if self.tissue_moves:
            return view
        here = Sighting(cv2.cvtColor(view.rgb, cv2.COLOR_RGB2GRAY), pose)
        if self._sightings and self._sightings[-1].brightness.shape != here.brightness.shape:  # another camera
            self._sightings.clear()
            self._correction = None
        depth = float(np.median(view.depth[view.known]))
        places = self._joined(measure(view, here, self._partners(pose, depth)))
        self._remember(here, depth)
        self.tells = places is not None
        if places is not None:
            self._correction, self.has_told = _smooth(places, view.depth.shape), True
        if self._correction is None:
            return view
        return replace(view, depth=(view.depth * np.exp(self._correction)).astype(np.float32))

    def _partners(self, pose: np.ndarray, depth: float) -> list[Sighting]:
        nearest, farthest = (share * depth for share in _BASELINE)
        found = [each for each in self._sightings if nearest < _between(each.pose, pose) < farthest]
        return found[-_PARTNERS:]

    def _joined(self, found: list[Places]) -> Places | None:
        """Return the places of all comparisons that agree; None where they are too few, or tissue moves."""
        self._crossing += [each.crossing for each in found]
        crossing = float(np.mean(self._crossing)) if len(self._crossing) == _COMPARISONS else _MOVING
        if crossing < _MOVING:
            self.tissue_moves, self.has_told, self._correction = True, False, None
        if not found or crossing < _LEAST_CROSSING:
            return None
        pixels, ratio, weight = (
            np.concatenate([getattr(each, name) for each in found]) for name in ('pixels', 'log_ratio', 'weight')
        )
        if len(weight) < _LEAST_PLACES:
            return None
        off = np.abs(ratio - np.median(ratio))
        agree = off < _GATE * (_MAD_TO_DEVIATION * np.median(off) + _LEAST_DEVIATION)
        return Places(pixels, ratio, weight, crossing).only(agree)

    def _remember(self, here: Sighting, depth: float) -> None:
        if not self._sightings or _between(self._sightings[-1].pose, here.pose) > _STEP * depth:
            self._sightings.append(here)


def measure(view: TissueView, here: Sighting, partners: list[Sighting]) -> list[Places]:
    """Return for each earlier view the places of a view that are in it too, and where the lines of sight cross.

    :param here: of the view
    """
    pixels = _corners(view, here.brightness) if partners else np.zeros((0, 2))
    return [_compare(view, here, pixels, each) for each in partners]


def _compare(view: TissueView, here: Sighting, pixels: np.ndarray, partner: Sighting) -> Places:
    depth = view.depth[pixels[:, 1].astype(int), pixels[:, 0].astype(int)].astype(np.float64)
    motion = np.linalg.inv(partner.pose) @ here.pose
    matrix = view.camera.matrix
    lens, centre = matrix[[0, 1], [0, 1]], matrix[:2, 2]
    rays = np.concatenate([(pixels - centre) / lens, np.ones((len(pixels), 1))], axis=1) @ motion[:3, :3].T
    expected = depth[:, None] * rays + motion[:3, 3]
    there, found = _followed(here, partner, pixels, expected[:, :2] / expected[:, 2:] * lens + centre)
    # The place at distance d along its ray is seen at (d * ray + shift); both rows of that are linear in d.
    bearing = (there - centre) / lens
    along = bearing * rays[:, 2:] - rays[:, :2]
    across = motion[:2, 3] - bearing * motion[2, 3]
    distance = (along * across).sum(-1) / np.maximum((along**2).sum(-1), 1e-12)
    behind = np.maximum(distance * rays[:, 2] + motion[2, 3], 1e-6)
    misses = lens[0] * np.linalg.norm(along * distance[:, None] - across, axis=-1) / behind
    parallax = lens[0] * np.linalg.norm(along, axis=-1) * distance / behind
    found &= (distance > 0.0) & (parallax > _PARALLAX[0])
    crosses = misses < _CROSSES
    crossing = float(crosses[found].mean()) if found.any() else 0.0
    ratio = np.log(np.maximum(distance, 1e-6) / depth)
    weight = (np.minimum(parallax, _PARALLAX[1]) / _PARALLAX[1]) ** 2
    return Places(pixels, ratio, weight, crossing).only(found & crosses)


def _corners(view: TissueView, brightness: np.ndarray) -> np.ndarray:
    """Return places on tissue that can be found again, (n, 2) columns and rows."""
    tissue = cv2.erode(view.known.astype(np.uint8), _EDGE)
    shining = cv2.dilate((view.rgb.min(-1) > _HIGHLIGHT).astype(np.uint8), _EDGE)
    mask = np.where(shining > 0, 0, tissue).astype(np.uint8)
    found = cv2.goodFeaturesToTrack(brightness, _PLACES, _QUALITY, _DISTANCE, mask=mask)
    return np.zeros((0, 2)) if found is None else found[:, 0].astype(np.float64)


def _followed(
    here: Sighting, partner: Sighting, pixels: np.ndarray, expected: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where places of a view are in an earlier one, (n, 2), and whether the way back ends at them, (n,)."""
    if not len(pixels):
        return expected, np.zeros(0, bool)
    places, start = (each.astype(np.float32)[:, None] for each in (pixels, expected))
    options: dict[str, Any] = {'winSize': _WINDOW, 'maxLevel': _PYRAMID, 'flags': cv2.OPTFLOW_USE_INITIAL_FLOW}
    now, before = here.brightness, partner.brightness
    there, found, _ = cv2.calcOpticalFlowPyrLK(now, before, places, start.copy(), **options)
    back, again, _ = cv2.calcOpticalFlowPyrLK(before, now, there, places.copy(), **options)
    closes = np.linalg.norm((back - places)[:, 0], axis=-1) < _CLOSES
    return there[:, 0].astype(np.float64), (found[:, 0] > 0) & (again[:, 0] > 0) & closes


def _smooth(places: Places, shape: tuple[int, ...]) -> np.ndarray:
    """Return the places' logarithm over the whole picture, (h, w) float32."""
    columns, rows = places.pixels.astype(int).T
    total, weight = np.zeros((2, *shape), np.float32)
    np.add.at(total, (rows, columns), places.weight * places.log_ratio)
    np.add.at(weight, (rows, columns), places.weight)
    mean = np.average(places.log_ratio, weights=places.weight)
    afar = _FROM_AFAR * float(places.weight.sum()) / weight.size
    side = _NEIGHBOURHOOD * shape[1]
    total, weight = (cv2.GaussianBlur(each, (0, 0), side) for each in (total, weight))
    smooth: np.ndarray = (total + afar * mean) / (weight + afar)
    return smooth


def _between(pose: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(pose[:3, 3] - other[:3, 3]))
