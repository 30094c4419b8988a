"""The saliency metrics of many frames, for one source of predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.metrics.saliency.agreement import correlation, kl_divergence, nss, similarity
from mt3dnet_ros.metrics.saliency.auc import auc_borji, auc_judd, auc_shuffled
from mt3dnet_ros.metrics.saliency.earth_mover import spatial_emd, value_distance
from mt3dnet_ros.metrics.saliency.maps import fixated, reduced
from mt3dnet_ros.metrics.saliency.scanpath import first_is_right, whole_is_right

SHUFFLED_LONGEST_SIDE = 80  # cells of the maps that are kept until all other sequences have been seen

MAP_METRICS: Mapping[str, Callable[[np.ndarray, np.ndarray], float]] = {
    'auc_judd': lambda saliency, truth: auc_judd(saliency, fixated(truth)),
    'auc_borji': lambda saliency, truth: auc_borji(saliency, fixated(truth)),
    'nss': lambda saliency, truth: nss(saliency, fixated(truth)),
    'cc': correlation,
    'sim': similarity,
    'kl': kl_divergence,
    'emd': spatial_emd,
    'value_distance': value_distance,
}
MEANINGS: Mapping[str, str] = {
    'auc_judd': 'fixated against all other pixels; chance 0.5',
    'auc_borji': 'fixated against any pixels, steps of 0.1; chance 0.5',
    'auc_shuffled': 'fixated against fixations of other sequences; chance 0.5',
    'nss': 'standardised saliency at fixations; chance 0',
    'cc': 'correlation',
    'sim': 'histogram intersection, 1 is perfect',
    'kl': 'nats, 0 is perfect',
    'emd': 'mean distance to where saliency should be, in longer sides of the image; 0 is perfect',
    'value_distance': 'between the histograms of values, which LWL calls EMD; ignores the place',
    'top1': 'share of frames with the right first instrument',
    'whole_path': 'share of frames with all instruments in the right order',
    'top1_several': 'the same where two or more instruments are to be visited',
    'whole_path_several': 'the same where two or more instruments are to be visited',
}


class Attention(NamedTuple):
    """Where attention goes in one frame, as predicted or as it truly does.

    :param saliency: (H, W) in [0, 1]
    :param scanpath: instruments' ids in visiting order, those of the truth on both sides; None where unknown
    """

    saliency: np.ndarray
    scanpath: Sequence[int] | None = None


class ScoredAttention(NamedTuple):
    """How well attention was predicted in one frame.

    :param values: of metrics, by name
    :param small: the predicted saliency, reduced, for the metric that other sequences are needed for
    """

    values: dict[str, float]
    small: np.ndarray


def score(predicted: Attention, truth: Attention) -> ScoredAttention:
    """Return how well attention was predicted in a frame."""
    found = {name: metric(predicted.saliency, truth.saliency) for name, metric in MAP_METRICS.items()}
    small = reduced(predicted.saliency, SHUFFLED_LONGEST_SIDE).astype(np.float16)
    return ScoredAttention({**found, **_path_scores(predicted.scanpath, truth.scanpath)}, small)


def few_fixations(truth: np.ndarray) -> np.ndarray:
    """Return the fixations of a frame in cells, (h, w) bool, of its true saliency (H, W) in [0, 1]."""
    return fixated(reduced(truth, SHUFFLED_LONGEST_SIDE))


@dataclass
class SaliencyScores:
    """Metrics by name, one value per frame; NaN where a frame has not what a metric needs."""

    values: dict[str, list[float]] = field(default_factory=dict)
    _small: list[np.ndarray] = field(default_factory=list)

    def update(self, predicted: Attention, truth: Attention) -> None:
        """Score one frame and add it."""
        self.add(score(predicted, truth))

    def add(self, frame: ScoredAttention) -> None:
        """Add one frame."""
        for name, value in frame.values.items():
            self.values.setdefault(name, []).append(value)
        self._small.append(frame.small)

    def by_metric(self, others: OtherFixations) -> dict[str, np.ndarray]:
        """Return the values of every metric, each (frames,)."""
        shuffled = [
            auc_shuffled(saliency.astype(np.float64), *others.of_frame(frame))
            for frame, saliency in enumerate(self._small)
        ]
        values = {name: np.array(self.values[name]) for name in self.values}
        return {name: np.array(shuffled) if name == 'auc_shuffled' else values[name] for name in MEANINGS}


class OtherFixations:
    """The fixations of all frames, to compare each frame's with those of other sequences."""

    def __init__(self) -> None:
        self.sequences: list[str] = []
        self._fixations: list[np.ndarray] = []
        self._counts: dict[str, np.ndarray] = {}

    def add(self, fixations: np.ndarray, sequence: str) -> None:
        """Add a frame's fixations in cells; all frames are of one size."""
        self.sequences.append(sequence)
        self._fixations.append(fixations)
        self._counts[sequence] = self._counts.get(sequence, 0) + fixations.astype(np.int64)

    def of_frame(self, frame: int) -> tuple[np.ndarray, np.ndarray]:
        """Return a frame's fixations and how often those of other sequences lie at each cell, both (h, w)."""
        own = self.sequences[frame]
        elsewhere = [counts for sequence, counts in self._counts.items() if sequence != own]
        return self._fixations[frame], np.sum(elsewhere, axis=0) if elsewhere else np.zeros_like(self._counts[own])


def _path_scores(path: Sequence[int] | None, truth: Sequence[int] | None) -> dict[str, float]:
    nan = float('nan')
    if path is None or not truth:
        return dict.fromkeys(('top1', 'whole_path', 'top1_several', 'whole_path_several'), nan)
    top1, whole = float(first_is_right(path, truth)), float(whole_is_right(path, truth))
    several = len(truth) > 1
    return {
        'top1': top1,
        'whole_path': whole,
        'top1_several': top1 if several else nan,
        'whole_path_several': whole if several else nan,
    }
