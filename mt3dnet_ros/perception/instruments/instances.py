"""Instruments told apart and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3dnet_ros.perception.confidence import corrected_score
from mt3dnet_ros.perception.instruments.naming import ALL_NAMED, Naming
from mt3dnet_ros.perception.instruments.peaks import Peak, suppress
from mt3dnet_ros.perception.instruments.regions import find_regions

_LEAST_PROBABILITY = 1e-9  # of a type in a cell: one cell alone cannot rule a type out


@dataclass(frozen=True)
class Instance:
    """One instrument, of the class with the largest score where its type is sure enough.

    The score of a class is sqrt(f q). There q = 1 - (1 - p) (1 - h), where p is the share of the class among the types,
    background excluded, averaged over the instrument's cells, and h the heat of the detector's strongest peak of that
    class on the instrument: either can vouch for it. f is the mean probability that the cells are an instrument at all:
    a tool that is plainly seen is not lost because its type is in doubt. A calibrated network corrects scores
    (``mt3dnet calibrate``): that of the instrument to the probability that there is one in the box. It holds for views
    that the network knows; times the probability that this is such a view, it holds for any picture.

    :param class_id: that it is published with
    :param class_scores: of class id 1 and so on
    :param type_probability: of the class with the largest score, given that it is an instrument: by the mean of the
        logits over its cells, at the calibrated temperature
    """

    class_id: int
    class_scores: tuple[float, ...]
    type_probability: float

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
    types: np.ndarray,
    peaks: list[Peak],
    shafts: np.ndarray,
    score_line: tuple[float, float] = (1.0, 0.0),
    known: float = 1.0,
    naming: Naming = ALL_NAMED,
) -> InstanceMap:
    """Tell instruments apart and name them.

    :param types: (C, h, w) probability of each type, background first
    :param peaks: the detector's peaks, the strongest first
    :param shafts: (h, w) bool, where the most probable part is a shaft
    :param score_line: of ``MT3DNetConfig``; it corrects the scores of instruments and the heat of loose peaks
    :param naming: a loose peak is named by its heat, which is that of an instrument of its type
    :param known: probability of a view that the network knows, which all scores are multiplied by
    """
    ids, owners = find_regions(types, peaks, shafts)
    matched: dict[int, list[Peak]] = {}
    for peak, owner in zip(peaks, owners, strict=True):
        matched.setdefault(owner, []).append(peak)

    def corrected(score: float) -> float:
        return known * corrected_score(score, *score_line)

    cells = types.reshape(len(types), -1)
    items = [
        _classify(cells[:, np.flatnonzero(ids == k)], matched.get(k, []), corrected, naming)
        for k in range(1, int(ids.max()) + 1)
    ]
    loose = [
        peak._replace(class_id=naming(peak.class_id, peak.heat), heat=corrected(peak.heat))
        for peak in suppress(matched.get(0, []))
    ]
    return InstanceMap(ids, items, loose)


def _classify(
    probabilities: np.ndarray, peaks: list[Peak], corrected: Callable[[float], float], naming: Naming
) -> Instance:
    """Name an instrument from the type probabilities of its cells, (C, cells).

    :param corrected: from a score to the one that can be believed
    """
    foreground = 1.0 - probabilities[0]
    shares = (probabilities[1:] / foreground).mean(axis=1)
    heat = np.zeros_like(shares)
    for peak in peaks:
        heat[peak.class_id - 1] = max(heat[peak.class_id - 1], peak.heat)
    evidence = 1.0 - (1.0 - shares) * (1.0 - heat)
    scores = np.sqrt(np.clip(foreground.mean() * evidence, 0.0, 1.0))
    best = int(scores.argmax())
    probability = float(_pooled(probabilities[1:])[best])
    return Instance(naming(best + 1, probability), tuple(map(corrected, scores.tolist())), probability)


def _pooled(types: np.ndarray) -> np.ndarray:
    """Return the share of each type, (C - 1,), by the mean of the logits over the cells, (C - 1, cells).

    The logarithm of probabilities are logits up to a number for each cell, which the softmax does not see.
    """
    logits = np.log(np.maximum(types, _LEAST_PROBABILITY)).mean(axis=1)
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum())
