"""The section on saliency and scanpaths: a network beside the baselines that it has to beat."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mt3dnet_ros.errors import InputError
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.saliency_scores import MEANINGS, Attention, OtherFixations, SaliencyScores
from mt3dnet_ros.metrics.saliency.intervals import bootstrap_interval
from mt3dnet_ros.metrics.saliency.maps import FIXATED_ABOVE

NETWORK = 'network'
COMPARISON = 'comparison'
_NOTE = (
    f'Means over frames. Pixels above {FIXATED_ABOVE} of the true saliency count as fixated. Intervals are of 95 %, by '
    'bootstrap over sequences; a gain is the mean over frames of the difference to the baseline.'
)


class SaliencyComparison:
    """Metrics of saliency maps and scanpaths, with intervals, and gains over baselines on the same frames."""

    def __init__(self) -> None:
        self._scores: dict[str, SaliencyScores] = {}
        self._others = OtherFixations()
        self._empty = 0

    def update(self, predictions: Mapping[str, Attention], truth: Attention, sequence: str) -> None:
        """Add one frame; one whose true saliency is empty adds nothing.

        :param predictions: by the name of what predicts: ``NETWORK``, and baselines; the same names for every frame
        :param sequence: that the frame belongs to
        :raises ValueError: a prediction is of another size than the truth, or is missing
        """
        _check(predictions, truth, self._scores)
        if not truth.saliency.any():
            self._empty += 1
            return
        self._others.add(truth.saliency, sequence)
        for name, predicted in predictions.items():
            self._scores.setdefault(name, SaliencyScores()).update(predicted, truth)

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


def _check(predictions: Mapping[str, Attention], truth: Attention, earlier: Mapping[str, SaliencyScores]) -> None:
    if NETWORK not in predictions or (earlier and set(predictions) != set(earlier)):
        wanted = sorted(earlier) or [NETWORK]
        raise InputError(f'predictions of {sorted(predictions)} must be those of {wanted}; give these for every frame')
    for name, predicted in predictions.items():
        if predicted.saliency.shape != truth.saliency.shape:
            raise InputError(
                f'saliency of {name} has shape {predicted.saliency.shape}, the truth {truth.saliency.shape}; '
                'resize the prediction to the frame'
            )
