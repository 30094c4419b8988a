"""Doubt about types: what is named at a threshold, and how much of it is wrong."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mt3dnet_ros.datasets.frames import IGNORED, LabelledFrame
from mt3dnet_ros.evaluation.class_map import map_classes
from mt3dnet_ros.evaluation.observation import Observation
from mt3dnet_ros.evaluation.plots import draw_plots
from mt3dnet_ros.evaluation.scorers.type_doubt import TypeDoubtScorer
from mt3dnet_ros.perception.scene import Box, Detection, Scene

NAMES = ('background', 'forceps', 'scissors', 'other')
CLASSES = map_classes(NAMES, NAMES)


def columns(**values):
    """Return a map with a value in some columns: ``id_2=slice(0, 10)``."""
    labels = np.zeros((4, 40), np.uint8)
    for name, where in values.items():
        labels[:, where] = int(name.removeprefix('id_'))
    return labels


def found(instance_id, best, probability, class_id=None):
    scores = [0.1, 0.1, 0.1]
    scores[best - 1] = 0.8
    return Detection(class_id or best, '', 0.8, instance_id, Box(0, 0, 1, 1), (), (), (), tuple(scores), probability)


def judge(detections, instances, true_instances, types, classes=CLASSES):
    frame = LabelledFrame('a', np.zeros((4, 40, 3), np.uint8), types=types, instances=true_instances)
    scorer = TypeDoubtScorer(classes)
    scorer.update(Observation(frame, Scene(instances=instances, detections=detections), []))
    return scorer.section()


PLACES = columns(id_1=slice(0, 10), id_2=slice(20, 30))
TYPES = columns(id_1=slice(0, 10), id_2=slice(20, 30))


def test_names_are_counted_from_the_threshold_on():
    section = judge([found(1, 1, 0.9), found(2, 1, 0.55)], PLACES, PLACES, TYPES)
    metrics = {name: metric.value for name, metric in section.metrics.items()}
    assert metrics == pytest.approx({'error': 0.5, 'aurc': 0.25, 'mean_probability': 0.725})
    rows = {
        name: (row['named'].value, row['wrong_of_named'].value)
        for name, row in section.tables['type_threshold'].items()
    }
    assert rows['0'] == rows['0.5'] == (1.0, 0.5)
    assert rows['0.6'] == rows['0.9'] == (0.5, 0.0)


def test_the_best_type_counts_whatever_the_instrument_is_called():
    section = judge([found(1, 1, 0.4, class_id=3)], PLACES, PLACES, TYPES)
    assert section.metrics['error'].value == 0.0


@pytest.mark.parametrize(('last', 'count'), [(20, 1), (21, 0)])
def test_an_instrument_is_found_where_masks_overlap_by_half(last, count):
    section = judge([found(1, 1, 0.9)], columns(id_1=slice(0, last)), PLACES, TYPES)
    assert (section.metrics['error'].n if count else 0) == count and bool(section.skipped) != bool(count)


def test_boxes_without_a_mask_and_unlabelled_types_do_not_count():
    loose = Detection(1, '', 0.8, -1, Box(0, 0, 1, 1))
    unlabelled = np.where(TYPES > 0, IGNORED, 0).astype(np.uint8)
    assert judge([loose], PLACES, PLACES, TYPES).skipped
    assert judge([found(1, 1, 0.9)], PLACES, PLACES, unlabelled).skipped


def test_without_types_there_is_no_doubt_to_judge():
    assert judge([found(1, 1, 0.9)], PLACES, PLACES, TYPES, classes=None).skipped


def test_the_curve_is_drawn(tmp_path):
    section = judge([found(1, 1, 0.9), found(2, 1, 0.55)], PLACES, PLACES, TYPES)
    assert draw_plots(tmp_path, [section]) == {'type_doubt': ['risk_coverage.png']}
    assert cv2.imread(str(tmp_path / 'risk_coverage.png')).std() > 5.0, 'it is not blank'
