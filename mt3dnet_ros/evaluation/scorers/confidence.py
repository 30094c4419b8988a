"""Calibration: how far the confidence of the chosen type is from its accuracy."""

from __future__ import annotations

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.evaluation.class_map import ClassMap
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.metrics.reliability import Reliability, ReliabilityBins


class ConfidenceScorer(Scorer[tuple[Reliability, Reliability]]):
    """Expected calibration error of the type that each pixel was given.

    :param classes: from the network's classes to those of the data set; None where the data set has no types
    """

    def __init__(self, classes: ClassMap | None) -> None:
        self._classes = classes
        self._all = Reliability()
        self._instruments = Reliability()

    def measure(self, observation: Observation) -> tuple[Reliability, Reliability] | None:
        """Return the reliability in a frame, of all labelled pixels and of those predicted as instrument."""
        labels, confidence, truth = observation.scene.labels, observation.scene.confidence, observation.frame.types
        if self._classes is None or self._classes.knows_too_little or truth is None or labels is None:
            return None
        assert confidence is not None
        right, labelled = self._classes.table[labels] == truth, truth != IGNORED
        instruments = labelled & (labels > 0)
        return (
            Reliability.of(confidence[labelled], right[labelled]),
            Reliability.of(confidence[instruments], right[instruments]),
        )

    def add(self, measured: tuple[Reliability, Reliability]) -> None:
        """Add the reliability in a frame."""
        self._all += measured[0]
        self._instruments += measured[1]

    def section(self) -> Section:
        """Return the section ``reliability``."""
        section = Section('reliability', 'Reliability of the confidence')
        if not self._all.pixels:
            section.skipped = 'there are no types to compare with'
            return section
        section.metrics = {
            'ece': _metric(self._all, 'pixels', 'expected calibration error, 15 bins'),
            'ece_instruments': _metric(self._instruments, 'pixels predicted as instrument', 'without background'),
        }
        section.curves = {'all': _curve(self._all.bins()), 'instruments': _curve(self._instruments.bins())}
        return section


def _metric(reliability: Reliability, of: str, meaning: str) -> Metric:
    return Metric(reliability.expected_calibration_error(), reliability.pixels, of, meaning)


def _curve(bins: ReliabilityBins) -> dict[str, list[float]]:
    return {name: values.tolist() for name, values in bins._asdict().items()}
