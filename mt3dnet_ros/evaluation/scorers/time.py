"""Time that perception takes per frame."""

from __future__ import annotations

import numpy as np

from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section

_STAGES = ('preprocess', 'network', 'postprocess')


class TimeScorer(Scorer[list[float]]):
    """Median and 90th percentile of the time from image to scene, and of its stages."""

    def __init__(self) -> None:
        self._seconds: list[list[float]] = []

    def measure(self, observation: Observation) -> list[float]:
        """Return the seconds that the stages took."""
        return [observation.scene.timings[stage] for stage in _STAGES]

    def add(self, measured: list[float]) -> None:
        """Add the seconds that the stages of a frame took."""
        self._seconds.append(measured)

    def section(self) -> Section:
        """Return the section ``time``."""
        section = Section('time', 'Time per frame')
        if not self._seconds:
            section.skipped = 'there are no frames'
            return section
        milliseconds = 1e3 * np.array(self._seconds)
        columns = [milliseconds.sum(axis=1), *milliseconds.T]
        for name, values in zip(('total', *_STAGES), columns, strict=True):
            section.metrics[f'{name}_median_ms'] = Metric(float(np.median(values)), len(values), 'frames')
            section.metrics[f'{name}_p90_ms'] = Metric(float(np.quantile(values, 0.9)), len(values), 'frames')
        section.notes = [
            'From the image in memory to all outputs that are scored, without reading files and computing metrics.'
        ]
        return section
