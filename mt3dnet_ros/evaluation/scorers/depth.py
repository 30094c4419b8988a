"""Errors of predicted depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.instrument import true_foreground
from mt3dnet_ros.metrics.depth_errors import DepthErrors, ErrorSums, error_sums
from mt3dnet_ros.metrics.depth_protocols import LEAST_COVERAGE, coverage, known_pixels, median_scaled

ERROR_EDGES_MM = np.linspace(-30.0, 30.0, 61)  # larger errors are counted in the outer bins
_PROTOCOLS = ('unscaled', 'unscaled_instruments', 'median_scaled')
_NOTE = (
    '`per_frame` is the mean over frames of the errors of each, `pooled` is over all pixels together. `unscaled` takes '
    'depth as predicted; `median_scaled` scales every frame by the ratio of the medians first, counts true depths from '
    '0.001 to 150 mm and clips the prediction to them, as is usual on SCARED.'
)


@dataclass(frozen=True)
class _FrameErrors:
    """Of one frame with true and predicted depth.

    :param true: pixels whose depth is known, and ``predicted`` those of them for which one is predicted
    :param lacking: what keeps it from being judged; empty where nothing does
    :param errors: by protocol
    :param histogram: pixels by their error, in the bins of ``ERROR_EDGES_MM``
    :param sequence: in which it counts by the protocol of the challenge; None where its depth covers too little
    """

    true: int = 0
    predicted: int = 0
    lacking: str = ''
    errors: Mapping[str, ErrorSums | None] = field(default_factory=dict)
    histogram: np.ndarray | None = None
    sequence: str | None = None


class DepthScorer(Scorer[_FrameErrors]):
    """Depth errors, unscaled and by the monocular and the challenge protocol of SCARED."""

    def __init__(self) -> None:
        self._errors = {name: DepthErrors() for name in _PROTOCOLS}
        self._challenge: dict[str, DepthErrors] = {}
        self._histogram = np.zeros(len(ERROR_EDGES_MM) - 1, np.int64)
        self._rejected = 0
        self._pixels = {'true': 0, 'predicted': 0}
        self._lacking = 'depth'

    def measure(self, observation: Observation) -> _FrameErrors | None:
        """Return the errors of a frame."""
        frame, predicted = observation.frame, observation.scene.depth
        if frame.depth is None or predicted is None:
            return None
        if frame.camera is None:
            return _FrameErrors(lacking='a calibrated camera, which the scale of depth depends on')
        truth = np.where(np.isfinite(predicted), frame.depth, 0.0)  # where there is nothing here, none is predicted
        pixels = int(np.count_nonzero(frame.depth > 0.0)), int(np.count_nonzero(truth > 0.0))
        if not truth.any():
            return _FrameErrors(*pixels)
        pairs = known_pixels(predicted, truth)
        errors = {'unscaled': error_sums(*pairs), 'median_scaled': error_sums(*median_scaled(pairs))}
        if (foreground := true_foreground(frame)) is not None:
            on_instruments = np.where(foreground == 1, truth, 0.0)
            errors['unscaled_instruments'] = error_sums(*known_pixels(predicted, on_instruments))
        millimetres = np.clip(1e3 * (pairs.prediction - pairs.target), ERROR_EDGES_MM[0], ERROR_EDGES_MM[-1])
        is_covered = coverage(frame.depth) >= LEAST_COVERAGE
        sequence = PurePosixPath(frame.name).parent.as_posix() if is_covered else None
        return _FrameErrors(*pixels, '', errors, np.histogram(millimetres, ERROR_EDGES_MM)[0], sequence)

    def add(self, measured: _FrameErrors) -> None:
        """Add the errors of a frame."""
        self._lacking = measured.lacking or self._lacking
        self._pixels['true'] += measured.true
        self._pixels['predicted'] += measured.predicted
        if measured.histogram is None:
            return
        for name, errors in measured.errors.items():
            self._errors[name].add(errors)
        self._histogram += measured.histogram
        if measured.sequence is None:
            self._rejected += 1
        else:
            self._challenge.setdefault(measured.sequence, DepthErrors()).add(measured.errors['unscaled'])

    def section(self) -> Section:
        """Return the section ``depth``."""
        section = Section('depth', 'Depth')
        if not self._errors['unscaled'].images:
            section.skipped = f'no frame has {self._lacking}'
            return section
        unscaled = self._errors['unscaled']
        section.metrics = {
            'mae_mm': Metric(unscaled.per_image()['mae_mm'], unscaled.images, 'frames', 'unscaled, mean over frames'),
            'rmse_mm': Metric(unscaled.per_image()['rmse_mm'], unscaled.images, 'frames', 'unscaled, mean over frames'),
            'challenge_mae_mm': self._challenge_mae(),
            'predicted': Metric(
                self._pixels['predicted'] / self._pixels['true'],
                self._pixels['true'],
                'known pixels',
                'share for which a depth is predicted; the errors are over these',
            ),
        }
        section.tables = {
            'per_frame': {
                name: _row(errors.per_image(), errors.images, 'frames') for name, errors in self._errors.items()
            },
            'pooled': {name: _row(errors.pooled(), errors.pixels, 'pixels') for name, errors in self._errors.items()},
            'sequences': {
                name: {'mae_mm': Metric(errors.per_image()['mae_mm'], errors.images, 'frames')}
                for name, errors in self._challenge.items()
            },
        }
        section.curves = {'histogram': {'edges_mm': ERROR_EDGES_MM.tolist(), 'pixels': self._histogram.tolist()}}
        section.notes = [
            _NOTE,
            f'{self._rejected} frames whose depth is known for less than {LEAST_COVERAGE:.0%} of the pixels are left '
            'out of `challenge_mae_mm` and `sequences`, but not of the other metrics.',
        ]
        return section

    def _challenge_mae(self) -> Metric:
        values = [errors.per_image()['mae_mm'] for errors in self._challenge.values()]
        mean = float(np.mean(values)) if values else float('nan')
        return Metric(mean, len(values), 'sequences', 'mean over sequences of means over well covered frames')


def _row(errors: dict[str, float], n: int, of: str) -> dict[str, Metric]:
    return {name: Metric(value, n, of) for name, value in errors.items()}
