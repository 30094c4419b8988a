"""Instruments told apart and named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.perception.confidence import corrected_score
from mt3dnet_ros.perception.instruments.peaks import Peak, suppress
from mt3dnet_ros.perception.instruments.regions import find_regions, owner_of


@dataclass(frozen=True)
class Instance:
    """One instrument, of the class with the largest score.

    The score of a class is sqrt(f q). There q = 1 - (1 - p) (1 - h), where p is the share of the class among the types,
    background excluded, averaged over the instrument's cells, and h the heat of the detector's strongest peak of that
    class on the instrument: either can vouch for it. f is the mean probability that the cells are an instrument at all:
    a tool that is plainly seen is not lost because its type is in doubt. A calibrated network corrects scores
    (``mt3dnet calibrate``): that of the instrument to the probability that there is one in the box.

    :param class_scores: of class id 1 and so on
    """

    class_scores: tuple[float, ...]

    @property
    def class_id(self) -> int:
        """The class of the largest score."""
        return self.class_scores.index(self.score) + 1

    @property
    def score(self) -> float:
        """The largest score."""
        return max(self.class_scores)


@dataclass(frozen=True)
class InstanceMap:
    """Instruments at the resolution of the network's output.

    :param ids: (h, w) uint8, 0 is background; instance k is ``items[k - 1]``
    :param loose_peaks: peaks of the detector, overlapping little, with no instrument under them
    """

    ids: np.ndarray
    items: list[Instance]
    loose_peaks: list[Peak]


def find_instances(
    types: np.ndarray, peaks: list[Peak], shafts: np.ndarray, score_line: tuple[float, float] = (1.0, 0.0)
) -> InstanceMap:
    """Tell instruments apart and name them.

    :param types: (C, h, w) probability of each type, background first
    :param peaks: the detector's peaks, the strongest first
    :param shafts: (h, w) bool, where the most probable part is a shaft
    :param score_line: of ``MT3DNetConfig``; it corrects the scores of instruments and the heat of loose peaks
    """
    ids = find_regions(types, peaks, shafts)
    owners = [owner_of(peak, ids) for peak in peaks]
    matched: dict[int, list[Peak]] = {}
    for peak, owner in zip(peaks, owners, strict=True):
        matched.setdefault(owner, []).append(peak)
    items = [_classify(types[:, ids == k], matched.get(k, []), score_line) for k in range(1, int(ids.max()) + 1)]
    loose = [peak._replace(heat=corrected_score(peak.heat, *score_line)) for peak in suppress(matched.get(0, []))]
    return InstanceMap(ids, items, loose)


def _classify(probabilities: np.ndarray, peaks: list[Peak], score_line: tuple[float, float]) -> Instance:
    """Name an instrument from the type probabilities of its cells, (C, cells)."""
    foreground = 1.0 - probabilities[0]
    shares = (probabilities[1:] / foreground).mean(axis=1)
    heat = np.zeros_like(shares)
    for peak in peaks:
        heat[peak.class_id - 1] = max(heat[peak.class_id - 1], peak.heat)
    evidence = 1.0 - (1.0 - shares) * (1.0 - heat)
    scores = np.sqrt(np.clip(foreground.mean() * evidence, 0.0, 1.0))
    return Instance(tuple(corrected_score(score, *score_line) for score in scores.tolist()))
