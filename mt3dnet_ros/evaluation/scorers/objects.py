"""Instruments as objects of the detection metrics: true ones, perceived ones and peaks of the detection head."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np

from mt3dnet_ros.datasets.frames import IGNORED
from mt3dnet_ros.errors import needs_extra
from mt3dnet_ros.metrics.average_precision import UNKNOWN_CLASS, Object
from mt3dnet_ros.perception.instruments.peaks import Peak
from mt3dnet_ros.perception.scene import Detection

with needs_extra('evaluate'):
    from faster_coco_eval.core import mask as run_lengths


def true_objects(instances: np.ndarray, types: np.ndarray | None) -> list[Object]:
    """Return the visible instruments of a labelled frame, however small; each is of the type most of its pixels have.

    :param instances: (H, W) uint8, 0 for none
    :param types: (H, W) uint8; None leaves the classes unknown
    """
    return [_true_object(instances == instance, types) for instance in np.unique(instances) if instance]


def _true_object(mask: np.ndarray, types: np.ndarray | None) -> Object:
    class_id = UNKNOWN_CLASS
    if types is not None:
        votes = np.bincount(types[mask], minlength=256)
        votes[[0, IGNORED]] = 0
        class_id = int(votes.argmax())
    return Object(class_id, _bounding_box(mask), mask=_run_lengths(mask))


def perceived_objects(detections: Iterable[Detection], instances: np.ndarray, class_table: np.ndarray) -> list[Object]:
    """Return the detections of a scene.

    :param instances: (H, W) uint8 of the same scene
    :param class_table: (256,) from ids of the network to ids of the data set
    """
    return [
        Object(
            int(class_table[found.class_id]),
            (float(found.box.x), float(found.box.y), float(found.box.width), float(found.box.height)),
            found.score,
            _run_lengths(instances == found.instance_id) if found.instance_id > 0 else None,
        )
        for found in detections
    ]


def hypotheses(detections: Iterable[Detection], perceived: Iterable[Object], class_table: np.ndarray) -> list[Object]:
    """Return every detection once for each class that it might be, as COCO's metrics expect of a detector.

    :param perceived: the detections as ``perceived_objects`` returned them
    :param class_table: (256,) from ids of the network to ids of the data set
    """
    objects = []
    for observation, found in zip(detections, perceived, strict=True):
        scores = {found.class_id: found.score}
        for class_id, score in enumerate(observation.class_scores, start=1):
            known = int(class_table[class_id])
            scores[known] = max(score, scores.get(known, 0.0))
        objects += [found._replace(class_id=class_id, score=score) for class_id, score in scores.items()]
    return objects


def detector_objects(peaks: Iterable[Peak], class_table: np.ndarray) -> list[Object]:
    """Return the peaks of the detection head.

    :param peaks: with boxes in pixels of the image, whose centres are at whole numbers
    :param class_table: (256,) from ids of the network to ids of the data set
    """
    objects = []
    for peak in peaks:
        left, top, right, bottom = peak.box.tolist()
        box = (left + 0.5, top + 0.5, right - left, bottom - top)
        objects.append(Object(int(class_table[peak.class_id]), box, peak.heat))
    return objects


def _bounding_box(mask: np.ndarray) -> tuple[float, float, float, float]:
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return float(x), float(y), float(width), float(height)


def _run_lengths(mask: np.ndarray) -> dict[str, Any]:
    encoded: dict[str, Any] = run_lengths.encode(np.asfortranarray(mask, np.uint8))
    return encoded
