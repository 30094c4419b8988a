"""Steadiness: how much masks differ between consecutive frames of a sequence, beside how much the true ones do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.flicker import mask_iou
from mt3dnet_ros.evaluation.scorers.instrument import true_foreground

_EMPTY = 'one of the two has no instrument in either frame; not in the IoU'


class _Pair(NamedTuple):
    """Of two consecutive frames of a sequence: the IoU of the predicted masks and of the true ones."""

    sequence: str
    overlaps: tuple[float, float]


class SteadinessScorer(Scorer[_Pair]):
    """IoU of the instrument masks of consecutive frames, of those predicted and of the true ones, on the same pairs."""

    def __init__(self) -> None:
        self._last: tuple[np.ndarray, np.ndarray] | None = None
        self._pairs: dict[str, list[tuple[float, float]]] = {}

    def measure(self, observation: Observation) -> _Pair | None:
        """Compare the next frame with the one before; one without labels ends what is compared."""
        truth, labels = true_foreground(observation.frame), observation.scene.labels
        now = None if truth is None or labels is None else (labels > 0, truth)
        before, self._last = self._last, now
        if now is None or before is None or not observation.step.follows:
            return None
        return _Pair(observation.step.sequence, _overlaps(before, now))

    def add(self, measured: _Pair) -> None:
        """Add a pair of frames."""
        self._pairs.setdefault(measured.sequence, []).append(measured.overlaps)

    def section(self) -> Section:
        """Return the section ``steadiness``."""
        section = Section('steadiness', 'Steadiness of masks over time')
        seen = {name: found for name, pairs in self._pairs.items() if len(found := _finite(pairs))}
        count = sum(len(pairs) for pairs in self._pairs.values())
        if not seen:
            reason = 'no two consecutive frames show an instrument' if count else 'no two consecutive frames were seen'
            section.skipped = f'{reason}; take a data set of sequences, and no --limit'
            return section
        together = np.concatenate(list(seen.values()))
        section.metrics = {
            **_metrics(together),
            'empty_pairs': Metric(float(count - len(together)), count, 'pairs', _EMPTY),
        }
        section.tables['sequence'] = {name: _metrics(found) for name, found in seen.items()}
        return section


def _overlaps(before: tuple[np.ndarray, np.ndarray], now: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    """Return the IoU of the predicted and of the true masks of two frames, where both are labelled."""
    known = (before[1] != IGNORED) & (now[1] != IGNORED)
    return mask_iou(before[0] & known, now[0] & known), mask_iou((before[1] == 1) & known, (now[1] == 1) & known)


def _finite(pairs: list[tuple[float, float]]) -> np.ndarray:
    values = np.array(pairs)
    return values[np.isfinite(values).all(axis=1)]


def _metrics(pairs: np.ndarray) -> dict[str, Metric]:
    predicted, true = pairs.mean(axis=0).tolist()
    return {
        'iou_predicted': Metric(predicted, len(pairs), 'pairs', 'mean IoU of consecutive masks'),
        'iou_true': Metric(true, len(pairs), 'pairs', 'the same of the true masks: what motion alone leaves'),
        'iou_below_true': Metric(true - predicted, len(pairs), 'pairs', 'by how much the prediction is less steady'),
    }
