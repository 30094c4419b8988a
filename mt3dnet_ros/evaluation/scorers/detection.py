"""Detection: average precision of perception as a whole, and of the detection head before it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mt3dnet_ros.evaluation.class_map import ClassMap
from mt3dnet_ros.evaluation.observation import Observation, Scorer
from mt3dnet_ros.evaluation.report import Metric, Section
from mt3dnet_ros.evaluation.scorers.box_matches import Matches, match_boxes, true_boxes
from mt3dnet_ros.evaluation.scorers.objects import (
    UNKNOWN_CLASS,
    detector_objects,
    hypotheses,
    perceived_objects,
    true_objects,
)
from mt3dnet_ros.metrics.average_precision import (
    RECALLS,
    AveragePrecision,
    Object,
    ObjectSet,
    average_precision,
    class_agnostic_precision,
    mask_precision,
)
from mt3dnet_ros.perception.scene import Box, Detection

_THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_NO_CLASSES = np.full(256, UNKNOWN_CLASS, np.uint8)


class _FrameObjects(NamedTuple):
    """What there is in one frame, and what was found there: as perceived, as hypotheses, by the detection head."""

    size: tuple[int, int]
    truths: list[Object]
    perceived: list[Object]
    hypotheses: list[Object]
    detector: list[Object]
    boxes: tuple[list[Detection], list[Box]]


class DetectionScorer(Scorer[_FrameObjects]):
    """COCO's metrics; all detections count, however low their score.

    :param classes: from the network's classes to those of the data set; None where the data set has no types
    """

    def __init__(self, classes: ClassMap | None) -> None:
        self._classes = None if classes is None or classes.knows_too_little else classes
        self._perceived = ObjectSet()
        self._hypotheses = ObjectSet()
        self._detector = ObjectSet()
        self._boxes: list[tuple[list[Detection], list[Box]]] = []

    def measure(self, observation: Observation) -> _FrameObjects | None:
        """Return the objects of a frame."""
        frame, scene = observation.frame, observation.scene
        if frame.instances is None or scene.instances is None or scene.detections is None:
            return None
        table = _NO_CLASSES if self._classes is None else self._classes.table
        size = frame.image.shape[0], frame.image.shape[1]
        truths = true_objects(frame.instances, frame.types if self._classes else None)
        perceived = perceived_objects(scene.detections, scene.instances, table)
        return _FrameObjects(
            size,
            truths,
            perceived,
            hypotheses(scene.detections, perceived, table),
            detector_objects(observation.peaks, table),
            (scene.detections, true_boxes(frame.instances)),
        )

    def add(self, measured: _FrameObjects) -> None:
        """Add the objects of a frame."""
        self._perceived.add_image(measured.size, measured.truths, measured.perceived)
        self._hypotheses.add_image(measured.size, measured.truths, measured.hypotheses)
        self._detector.add_image(measured.size, measured.truths, measured.detector)
        self._boxes.append(measured.boxes)

    def section(self) -> Section:
        """Return the section ``detection``."""
        section = Section('detection', 'Detection')
        if not self._perceived.sizes:
            section.skipped = 'no frame has labels of instances'
            return section
        true_count = len(self._perceived.truths)
        for prefix, objects in (('', self._perceived), ('detector_', self._detector)):
            agnostic = class_agnostic_precision(objects)
            section.metrics |= _metrics(f'{prefix}agnostic_', agnostic, true_count, 'boxes, all types taken for one')
            section.curves[f'{prefix}agnostic'] = agnostic.precision50[0].tolist()
        section.curves['recall'] = RECALLS.tolist()
        section.tables['score_threshold'] = _thresholds(match_boxes(self._boxes))
        if self._classes is not None:
            self._add_types(section, self._classes, true_count)
        section.notes = [
            '`detector_*` judges only the detection head: its peaks above a heat of 0.1. The other metrics judge '
            'perception as a whole: each instrument, with the box of its mask, counts for every type with its score '
            'for that type; in `named_*` it counts only for the type that it is given.'
        ]
        return section

    def _add_types(self, section: Section, classes: ClassMap, true_count: int) -> None:
        ids = list(range(1, classes.known))
        boxes, named = average_precision(self._hypotheses, ids), average_precision(self._perceived, ids)
        detector = average_precision(self._detector, ids)
        masks = mask_precision(self._hypotheses, ids)
        section.metrics = {
            **_metrics('', boxes, true_count, 'boxes, mean over types'),
            **_metrics('named_', named, true_count, 'boxes by the type given, mean over types'),
            **_metrics('mask_', masks, true_count, 'masks, mean over types'),
            **_metrics('detector_', detector, true_count, 'boxes of the detection head, mean over types'),
            **section.metrics,
        }
        names = classes.names[1 : classes.known]
        true_ids = [item.class_id for _, item in self._perceived.truths]
        for index, (class_id, name) in enumerate(zip(ids, names, strict=True)):
            count = true_ids.count(class_id)
            section.tables.setdefault('classes', {})[name] = {
                'ap': Metric(float(boxes.per_class[index]), count, 'instruments'),
                'ap50': Metric(float(boxes.per_class50[index]), count, 'instruments'),
                'mask_ap': Metric(float(masks.per_class[index]), count, 'instruments'),
                'detector_ap': Metric(float(detector.per_class[index]), count, 'instruments'),
            }
            if count:
                section.curves.setdefault('precision50', {})[name] = boxes.precision50[index].tolist()


def _thresholds(matches: Matches) -> dict[str, dict[str, Metric]]:
    """Return precision, recall and F1 of boxes, types set aside, by the least score that counts."""
    return {
        f'{threshold:g}': {
            name: Metric(value, matches.true_count, 'instruments')
            for name, value in matches.at(threshold)._asdict().items()
        }
        for threshold in _THRESHOLDS
    }


def _metrics(prefix: str, found: AveragePrecision, count: int, meaning: str) -> dict[str, Metric]:
    return {
        f'{prefix}map': Metric(found.map, count, 'instruments', f'AP@[.5:.95], {meaning}'),
        f'{prefix}map50': Metric(found.map50, count, 'instruments', f'AP@.5, {meaning}'),
        f'{prefix}map75': Metric(found.map75, count, 'instruments', f'AP@.75, {meaning}'),
        f'{prefix}mar': Metric(found.mar, count, 'instruments', f'AR@[.5:.95], {meaning}'),
    }
