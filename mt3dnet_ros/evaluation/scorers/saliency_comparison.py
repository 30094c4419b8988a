"""The section on saliency and scanpaths: a network beside the baselines that it has to beat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.saliency_scores import (
    MEANINGS,
    Attention,
    OtherFixations,
    SaliencyScores,
    ScoredAttention,
    few_fixations,
    score,
)
from mt3dnet_ros.metrics.saliency.intervals import bootstrap_interval
from mt3dnet_ros.metrics.saliency.maps import FIXATED_ABOVE

NETWORK = 'network'
COMPARISON = 'comparison'
_NOTE = (
    f'Means over frames. Pixels above {FIXATED_ABOVE} of the true saliency count as fixated. Intervals are of 95 %, by '
    'bootstrap over sequences; a gain is the mean over frames of the difference to the baseline.'
)


class ComparedFrame(NamedTuple):
    """Of one frame.

    :param sequence: that it belongs to
    :param fixations: of its true saliency, in cells; None where that is empty
    :param scores: by the name of what predicts; empty likewise
    """

    sequence: str
    fixations: np.ndarray | None
    scores: Mapping[str, ScoredAttention]


def compare(predictions: Mapping[str, Attention], truth: Attention, sequence: str) -> ComparedFrame:
    """Return how well each source predicts attention in a frame.

    :param predictions: by the name of what predicts: ``NETWORK``, and baselines
    :param sequence: that the frame belongs to
    :raises ValueError: a prediction is of another size than the truth, or is missing
    """
    _check(predictions, truth)
    if not truth.saliency.any():
        return ComparedFrame(sequence, None, {})
    scores = {name: score(predicted, truth) for name, predicted in predictions.items()}
    return ComparedFrame(sequence, few_fixations(truth.saliency), scores)


class SaliencyComparison:
    """Metrics of saliency maps and scanpaths, with intervals, and gains over baselines on the same frames."""

    def __init__(self) -> None:
        self._scores: dict[str, SaliencyScores] = {}
        self._others = OtherFixations()
        self._empty = 0

    def update(self, predictions: Mapping[str, Attention], truth: Attention, sequence: str) -> None:
        """Compare one frame and add it; see ``compare``."""
        self.add(compare(predictions, truth, sequence))

    def add(self, frame: ComparedFrame) -> None:
        """Add one frame; one whose true saliency is empty is counted only.

        :raises ValueError: its sources are not those of the frames before
        """
        if frame.fixations is None:
            self._empty += 1
            return
        if self._scores and set(frame.scores) != set(self._scores):
            raise _other_sources(frame.scores, self._scores)
        self._others.add(frame.fixations, frame.sequence)
        for name, scored in frame.scores.items():
            self._scores.setdefault(name, SaliencyScores()).add(scored)

    def section(self) -> Section:
        """Return the section ``saliency``."""
        section = Section('saliency', 'Saliency and scanpath')
        if not self._scores:
            section.skipped = 'no frame has true saliency'
            return section
        values = {name: scores.by_metric(self._others) for name, scores in self._scores.items()}
        network = values[NETWORK]
        section.metrics = {name: _mean(frames, MEANINGS[name]) for name, frames in network.items()}
        section.tables[COMPARISON] = {
            name: {source: _mean(by_metric[name]) for source, by_metric in values.items()} for name in network
        }
        for source, by_metric in values.items():
            section.tables[source] = self._intervals(by_metric)
        for baseline in [source for source in values if source != NETWORK]:
            gains = {name: network[name] - values[baseline][name] for name in network}
            section.tables[f'gain over {baseline}'] = self._intervals(gains)
        section.notes = [_NOTE, self._counts()]
        return section

    def _intervals(self, values: dict[str, np.ndarray]) -> dict[str, dict[str, Metric]]:
        table = {}
        for name, frames in values.items():
            mean, interval = _mean(frames), bootstrap_interval(frames, self._others.sequences)
            table[name] = {
                'mean': mean,
                'ci95_low': mean._replace(value=interval.low),
                'ci95_high': mean._replace(value=interval.high),
            }
        return table

    def _counts(self) -> str:
        sequences = len(set(self._others.sequences))
        frames = len(self._others.sequences)
        return f'{frames} frames of {sequences} sequences; {self._empty} frames with empty true saliency are left out.'


def _mean(frames: np.ndarray, meaning: str = '') -> Metric:
    known = frames[~np.isnan(frames)]
    return Metric(float(known.mean()) if known.size else float('nan'), known.size, 'frames', meaning)


def _other_sources(found: Iterable[str], wanted: Iterable[str]) -> InputError:
    return InputError(f'predictions of {sorted(found)} must be those of {sorted(wanted)}; give these for every frame')


def _check(predictions: Mapping[str, Attention], truth: Attention) -> None:
    if NETWORK not in predictions:
        raise _other_sources(predictions, [NETWORK])
    for name, predicted in predictions.items():
        if predicted.saliency.shape != truth.saliency.shape:
            raise InputError(
                f'saliency of {name} has shape {predicted.saliency.shape}, the truth {truth.saliency.shape}; '
                'resize the prediction to the frame'
            )
