"""Doubt about types: how many instruments are named at a threshold, and how many of the names are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.evaluation.class_map import ClassMap
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.flicker import mask_iou
from mt3dnet_ros.metrics.risk_coverage import RiskCoverage, risk_coverage
from mt3dnet_ros.perception.scene import Detection

DOUBT = 'Doubt about the type'
LEAST_IOU = 0.5
_THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_OF = 'instruments found'


class _Named(NamedTuple):
    """An instrument that was found: the probability of its type, and whether that is right."""

    probability: float
    right: bool


class TypeDoubtScorer(Scorer[list[_Named]]):
    """Risk and coverage of the names of instruments that are found: masks overlap by ``LEAST_IOU`` or more.

    :param classes: from the network's classes to those of the data set; None where the data set has no types
    """

    def __init__(self, classes: ClassMap | None) -> None:
        self._classes = None if classes is None or classes.knows_too_little else classes
        self._found: list[_Named] = []

    def measure(self, observation: Observation) -> list[_Named] | None:
        """Return the instruments of a frame that are found."""
        frame, scene = observation.frame, observation.scene
        if self._classes is None or frame.types is None or frame.instances is None or scene.instances is None:
            return None
        named = []
        for found in scene.detections or ():
            true_id = _true_class(scene.instances == found.instance_id, frame.instances, frame.types)
            if true_id is not None and found.class_scores:
                right = bool(self._classes.table[_best_class(found)] == true_id)
                named.append(_Named(found.type_probability, right))
        return named

    def add(self, measured: list[_Named]) -> None:
        """Add the instruments of a frame that are found."""
        self._found += measured

    def section(self) -> Section:
        """Return the section ``type_doubt``."""
        section = Section('type_doubt', DOUBT)
        if not self._found:
            section.skipped = 'no instrument whose type is known was found'
            return section
        probabilities, right = (np.array(values) for values in zip(*self._found, strict=True))
        curve, count = risk_coverage(probabilities, right), len(right)
        section.metrics = {
            'aurc': Metric(curve.area(), count, _OF, 'area under the curve of risk over coverage; 0 is perfect'),
            'error': Metric(float(np.mean(~right)), count, _OF, 'share of wrong names, where all are named'),
            'mean_probability': Metric(
                float(probabilities.mean()), count, _OF, 'of the type; 1 - error where calibrated'
            ),
        }
        section.tables['type_threshold'] = {
            f'{threshold:g}': _row(curve, threshold, count) for threshold in _THRESHOLDS
        }
        section.curves = {name: values.tolist() for name, values in curve._asdict().items()}
        return section


def _best_class(found: Detection) -> int:
    return int(np.argmax(found.class_scores)) + 1


def _true_class(mask: np.ndarray, instances: np.ndarray, types: np.ndarray) -> int | None:
    """Return the type of the true instrument that a mask finds; None where it finds none, or its type is unlabelled."""
    for instance in _under(mask, instances):
        true = instances == instance
        if mask_iou(mask, true) >= LEAST_IOU:
            votes = np.bincount(types[true], minlength=256)
            votes[[0, IGNORED]] = 0
            return int(votes.argmax()) if votes.any() else None
    return None


def _under(mask: np.ndarray, instances: np.ndarray) -> Iterator[int]:
    return (int(instance) for instance in np.unique(instances[mask]) if instance)


def _row(curve: RiskCoverage, threshold: float, count: int) -> dict[str, Metric]:
    coverage, risk = curve.at(threshold)
    return {
        'named': Metric(coverage, count, _OF),
        'wrong_of_named': Metric(risk, round(coverage * count), 'named'),
    }
