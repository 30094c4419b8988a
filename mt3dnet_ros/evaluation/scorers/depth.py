"""Errors of predicted depth."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np

from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.instrument import true_foreground
from mt3dnet_ros.metrics.depth_errors import DepthErrors
from mt3dnet_ros.metrics.depth_protocols import LEAST_COVERAGE, coverage, known_pixels, median_scaled

ERROR_EDGES_MM = np.linspace(-30.0, 30.0, 61)  # larger errors are counted in the outer bins
_PROTOCOLS = ('unscaled', 'unscaled_instruments', 'median_scaled')
_NOTE = (
    '`per_frame` is the mean over frames of the errors of each, `pooled` is over all pixels together. `unscaled` takes '
    'depth as predicted; `median_scaled` scales every frame by the ratio of the medians first, counts true depths from '
    '0.001 to 150 mm and clips the prediction to them, as is usual on SCARED.'
)


class DepthScorer:
    """Depth errors, unscaled and by the monocular and the challenge protocol of SCARED."""

    def __init__(self) -> None:
        self._errors = {name: DepthErrors() for name in _PROTOCOLS}
        self._challenge: dict[str, DepthErrors] = {}
        self._histogram = np.zeros(len(ERROR_EDGES_MM) - 1, np.int64)
        self._rejected = 0
        self._lacking = 'depth'

    def update(self, observation: Observation) -> None:
        """Add one frame."""
        frame, predicted = observation.frame, observation.scene.depth
        if frame.depth is None or predicted is None:
            return
        if frame.camera is None:
            self._lacking = 'a calibrated camera, which the scale of depth depends on'
            return
        pairs = known_pixels(predicted, frame.depth)
        self._errors['unscaled'].update(*pairs)
        self._errors['median_scaled'].update(*median_scaled(pairs))
        foreground = true_foreground(frame)
        if foreground is not None:
            on_instruments = np.where(foreground == 1, frame.depth, 0.0)
            self._errors['unscaled_instruments'].update(*known_pixels(predicted, on_instruments))
        error = 1e3 * (pairs.prediction - pairs.target)
        self._histogram += np.histogram(np.clip(error, ERROR_EDGES_MM[0], ERROR_EDGES_MM[-1]), ERROR_EDGES_MM)[0]
        if coverage(frame.depth) < LEAST_COVERAGE:
            self._rejected += 1
        else:
            sequence = PurePosixPath(frame.name).parent.as_posix()
            self._challenge.setdefault(sequence, DepthErrors()).update(*pairs)

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
